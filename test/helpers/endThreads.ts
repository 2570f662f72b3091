/** After every test file: a process must not end while a thread of it is inside onnxruntime. */
import { afterAll } from 'vitest';
import { threadsEnded } from '../../src/main/runtime/workerPool.ts';

afterAll(() => threadsEnded(), 60_000);
