import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { exportEnhanced } from '../export/exportEnhanced.ts';
import type { Handler } from '../host/handler.ts';
import { outputOf } from './enhanceOperation.ts';
import { enhancedStore } from './store.ts';

/** Writes an enhanced series that is still in memory to a folder, absent or empty before. */
export const exportOperation: Handler<'export'> = async ({ id, out, format, deidentify }, job) => {
  const start = performance.now();
  const { series } = enhancedStore.get(id);
  const deidentifier = deidentify === undefined ? undefined : await makeDeidentifier(deidentify);
  const written = await exportEnhanced(series, out, format, job, { deidentifier });
  return {
    output: outputOf(written),
    clipped: written.clipped,
    seconds: (performance.now() - start) / 1000,
  };
};
