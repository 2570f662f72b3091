import { expect, it } from 'vitest';
import { workerUrl } from '../../../src/main/runtime/workerUrl.ts';

it.each([
  ['file:///app/src/main/runtime/probe.ts', 'file:///app/src/main/runtime/worker.ts'],
  ['file:///app/out/main/index.js', 'file:///app/out/main/worker.js'],
])('finds the entry beside %s', (caller, expected) => {
  expect(workerUrl('worker', caller).href).toBe(expected);
});
