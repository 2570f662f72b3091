/** After every test file: a process must not end while a thread of it is inside onnxruntime. */
import { afterAll } from 'vitest';
import { releaseKeptPools } from '../../src/main/runtime/keptPools.ts';
import { threadsEnded } from '../../src/main/runtime/workerPool.ts';

afterAll(() => {
  releaseKeptPools();
  return threadsEnded();
}, 60_000);
