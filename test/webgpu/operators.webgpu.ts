import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorCases } from '../core/graph/cases/index.ts';
import { webgpuEnvironment } from '../helpers/webgpu.ts';
import { type CaseReply, CaseRunner } from './caseRunner.ts';

/** ‖a − b‖ / ‖b‖ against float64, of values and of gradients: what rounding to float32 explains. */
const TOLERANCE = 1e-5;

/** Cases that WebGPU cannot run at all, with the reason. There are none, and an operator that needs one is not done. */
const NOT_ON_WEBGPU: Readonly<Record<string, string>> = {};

/** Processes that are made, and those of them that wait for a case: as many as cases run at once. */
let environment: NodeJS.ProcessEnv = {};
const runners: CaseRunner[] = [];
const idle: CaseRunner[] = [];

async function onIdleRunner(name: string): Promise<CaseReply> {
  let runner = idle.pop();
  if (runner === undefined) {
    runner = new CaseRunner(environment);
    runners.push(runner);
  }
  const reply = await runner.run(name);
  idle.push(runner);
  return reply;
}

beforeAll(async () => {
  const found = await webgpuEnvironment();
  environment = found.environment;
  console.error(`WebGPU runs on ${found.adapter}; no node may fall back to the CPU.`);
});
afterAll(() => {
  for (const runner of runners) runner.close();
});

describe('operators on WebGPU, against the float64 reference', () => {
  it('all of them', () => {
    expect(Object.keys(NOT_ON_WEBGPU)).toEqual([]);
    expect(new Set(operatorCases.map(({ name }) => name)).size).toBe(operatorCases.length);
  });

  for (const { name, shapes } of operatorCases) {
    if (name in NOT_ON_WEBGPU) continue;
    it.concurrent(name, async () => {
      const reply = await onIdleRunner(name);
      if ('error' in reply) throw new Error(reply.error);
      expect(reply.checks).toHaveLength(shapes.length);
      for (const { shapes: label, errors } of reply.checks) {
        expect(errors.forward, `forward ${label}`).toBeLessThan(TOLERANCE);
        expect(errors.onnx, `gradient ${label}`).toBeLessThan(TOLERANCE);
      }
    });
  }
});
