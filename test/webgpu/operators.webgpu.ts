import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorCases } from '../core/graph/cases/index.ts';
import { webgpuEnvironment } from '../helpers/webgpu.ts';
import { CaseRunner } from './caseRunner.ts';

/** ‖a − b‖ / ‖b‖ against float64, of values and of gradients: what rounding to float32 explains. */
const TOLERANCE = 1e-5;

/** Cases that WebGPU cannot run at all, with the reason. There are none, and an operator that needs one is not done. */
const NOT_ON_WEBGPU: Readonly<Record<string, string>> = {};

/** Software Vulkan is busy compiling, on one core a process. */
const RUNNERS = Math.min(4, availableParallelism());
let runners: readonly CaseRunner[] = [];

beforeAll(async () => {
  const { environment, adapter } = await webgpuEnvironment();
  console.error(`WebGPU runs on ${adapter}; no node may fall back to the CPU.`);
  runners = Array.from({ length: RUNNERS }, () => new CaseRunner(environment));
});
afterAll(() => {
  for (const runner of runners) runner.close();
});

describe('operators on WebGPU, against the float64 reference', () => {
  it('all of them', () => {
    expect(Object.keys(NOT_ON_WEBGPU)).toEqual([]);
    expect(new Set(operatorCases.map(({ name }) => name)).size).toBe(operatorCases.length);
  });

  for (const [n, { name, shapes }] of operatorCases.entries()) {
    if (name in NOT_ON_WEBGPU) continue;
    it.concurrent(name, async () => {
      const reply = await runners[n % RUNNERS]!.run(name);
      if ('error' in reply) throw new Error(reply.error);
      expect(reply.checks).toHaveLength(shapes.length);
      for (const { shapes: label, errors } of reply.checks) {
        expect(errors.forward, `forward ${label}`).toBeLessThan(TOLERANCE);
        expect(errors.onnx, `gradient ${label}`).toBeLessThan(TOLERANCE);
      }
    });
  }
});
