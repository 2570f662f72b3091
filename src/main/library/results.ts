import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../paths.ts';

/** Where the enhanced series of an id is, or would be, stored. */
export function resultFolder(id: string): string {
  return join(dataFolder(), 'results', id);
}

/** Whether it is there: a result is stored whole or not at all. */
export function isResultStored(id: string): boolean {
  return existsSync(resultFolder(id));
}
