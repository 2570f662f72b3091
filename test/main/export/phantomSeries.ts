import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';
import { zeroFilledSeries } from './enhancedSeries.ts';

/** A phantom study in a folder, and its first contrast zero-filled ×2. */
export async function phantomSeries(
  out: string,
  request: Omit<RequestInput<'phantom'>, 'out'> = {},
): Promise<EnhancedSeries> {
  const asked = { matrix: 32, slices: 6, ...request, out };
  const { series } = await phantomOperation(operations.phantom.request.parse(asked), QUIET_JOB);
  return zeroFilledSeries(series[0]!.path, series[1]?.path);
}
