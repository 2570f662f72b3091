/** Run as a child process by the tests: exports a phantom's zero-filled series, over and over, until killed. */
import { QUIET_JOB } from '../../../src/core/job.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { zeroFilledSeries } from './enhancedSeries.ts';

const [target, reference] = process.argv.slice(2);
const series = await zeroFilledSeries(target!, reference);
process.send!('ready');
process.on('message', async (out: string) => {
  await exportEnhanced(series, out, 'dicom', QUIET_JOB);
  process.send!('done');
});
