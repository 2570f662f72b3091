/** Run by the test of parallel steps in a process of its own, which ends by itself if nothing keeps it alive. */
import { initialValues } from '../../../src/core/graph/index.ts';
import { ParallelStepSession } from '../../../src/main/training/parallelStepSession.ts';
import { initialState } from '../../../src/main/training/state.ts';
import { meanProblem } from './shardedProblems.ts';

const { sharded, data } = meanProblem();
const step = sharded(2);
const start = initialState(step.state, initialValues(step.parameters, 1));
const session = await ParallelStepSession.open(step, data, start, 0, { workers: 2 });
const how = process.argv[2];
let steps = 0;
for (; how !== 'unused' && steps < 2; steps++) await session.run(0.01);
if (how === 'released') await session.release();
console.log(steps);
