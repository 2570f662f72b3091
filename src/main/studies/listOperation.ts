import type { Handler } from '../host/handler.ts';
import { scanAndRemember } from './lastScan.ts';

/** What files and folders hold: studies, series with their warnings, suggested pairs, refused files. */
export const listOperation: Handler<'list'> = async ({ paths }, job) => {
  const { studies, refused } = await scanAndRemember(paths, job);
  return { studies: studies.map(({ summary }) => summary), refused: [...refused] };
};
