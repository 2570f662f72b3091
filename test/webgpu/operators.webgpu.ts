import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorCases } from '../core/graph/cases/index.ts';
import { webgpuEnvironment } from '../helpers/webgpu.ts';
import { CaseRunner } from './caseRunner.ts';

/** ‖a − b‖ / ‖b‖ against float64, of values and of gradients: what rounding to float32 explains. */
const TOLERANCE = 1e-5;

/** Cases that WebGPU cannot run at all, with the reason. There are none, and an operator that needs one is not done. */
const NOT_ON_WEBGPU: Readonly<Record<string, string>> = {};

let runner: CaseRunner;

beforeAll(async () => {
  const { environment, adapter } = await webgpuEnvironment();
  console.error(`WebGPU runs on ${adapter}; no node may fall back to the CPU.`);
  runner = new CaseRunner(environment);
});
afterAll(() => runner?.close());

describe('operators on WebGPU, against the float64 reference', () => {
  it('all of them', () => {
    expect(Object.keys(NOT_ON_WEBGPU)).toEqual([]);
    expect(new Set(operatorCases.map(({ name }) => name)).size).toBe(operatorCases.length);
  });

  for (const { name, shapes } of operatorCases) {
    if (name in NOT_ON_WEBGPU) continue;
    it(name, async () => {
      const reply = await runner.run(name);
      if ('error' in reply) throw new Error(reply.error);
      expect(reply.checks).toHaveLength(shapes.length);
      for (const { shapes: label, errors } of reply.checks) {
        expect(errors.forward, `forward ${label}`).toBeLessThan(TOLERANCE);
        expect(errors.onnx, `gradient ${label}`).toBeLessThan(TOLERANCE);
      }
    });
  }
});
