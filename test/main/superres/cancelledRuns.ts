/**
 * A process that starts enhancing and cancels, again and again at other moments, most of them inside
 * onnxruntime; then waits for the threads and enhances once to the end. Exits with 0 if it is still alive.
 */
import { QUIET_JOB } from '../../../src/core/job.ts';
import { threadsEnded } from '../../../src/main/runtime/workerPool.ts';
import { enhanceStack } from '../../../src/main/superres/enhanceStack.ts';
import { testModel } from '../../helpers/modelPackage.ts';
import { makeStack } from './stacks.ts';

const model = testModel('srcnn', 2, { correction: true });
const target = makeStack(([x, y]) => 100 + x + y, { rows: 192, columns: 192, slices: 8 });
const budget = { totalMb: 4000, perWorkerMb: 2000, cores: 2 };
const rounds = Number(process.argv[2]);

for (let round = 0; round < rounds; round++) {
  const controller = new AbortController();
  const run = enhanceStack(
    { target, model, device: 'cpu', budget },
    { progress: () => {}, signal: controller.signal },
  ).then(
    () => 'finished',
    (error: { code?: string }) => error.code,
  );
  setTimeout(() => controller.abort(), 60 + 23 * round);
  const outcome = await run;
  if (outcome !== 'cancelled' && outcome !== 'finished') throw new Error(`round ${round}: ${outcome}`);
}
await threadsEnded();
const { stack } = await enhanceStack({ target, model, device: 'cpu', budget }, QUIET_JOB);
if (stack.slices.length !== 8) throw new Error('slices are missing');
await threadsEnded();
