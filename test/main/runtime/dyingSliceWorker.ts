/**
 * A slice worker for the tests of the pool: dies at some slices, before onnxruntime is called, and counts the
 * sessions that all threads opened.
 */
import { threadId } from 'node:worker_threads';
import { InferenceSession } from 'onnxruntime-node';
import { serveSlices } from '../../../src/main/runtime/serveSlices.ts';
import type { GivenInputs } from '../../../src/main/runtime/slicePool.ts';

export interface DyingSource extends GivenInputs {
  readonly number: number;
}

export interface DyingShared {
  /** By slice: how many more threads are to die at it. */
  readonly deaths: Int32Array;
  readonly opened: Int32Array;
}

export interface DyingReply {
  readonly image: Float32Array;
  readonly threadId: number;
}

let opened = 0;
const create = InferenceSession.create.bind(InferenceSession) as (
  ...args: unknown[]
) => Promise<InferenceSession>;
InferenceSession.create = ((...args: unknown[]) => {
  opened++;
  return create(...args);
}) as typeof InferenceSession.create;

serveSlices<DyingSource, DyingReply, DyingShared>(async ({ number, inputs }, _task, shared, run) => {
  if (Atomics.sub(shared.deaths, number, 1) > 0) process.exit(7);
  const image = Float32Array.from(await run(inputs));
  Atomics.add(shared.opened, 0, opened);
  opened = 0;
  return { reply: { image, threadId }, transfer: [image.buffer] };
});
