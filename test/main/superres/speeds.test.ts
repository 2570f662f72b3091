import { expect, it } from 'vitest';
import {
  knownSpeed,
  paceOf,
  rememberSpeed,
  type Speed,
  speedKey,
} from '../../../src/main/superres/speeds.ts';

it('tells the start of a run from its work', () => {
  // Two workers that start in 3 s and then take 1 s a slice each.
  const pace = paceOf([4, 4, 5, 5, 6, 6], 2)!;
  expect(pace.secondsPerSlice).toBeCloseTo(0.5, 9);
  expect(pace.startSeconds).toBeCloseTo(3, 9);
  expect(paceOf([2, 4], 4)).toEqual({ startSeconds: 0, secondsPerSlice: 2 });
  expect(paceOf([], 2)).toBeUndefined();
});

it('remembers speeds by model, device and matrix; a run is never forgotten for a sample', () => {
  const speed = (secondsPerSlice: number, measuredOn: Speed['measuredOn']): Speed => ({
    startSeconds: 0,
    secondsPerSlice,
    tiled: false,
    workers: 1,
    memoryMb: 1,
    measuredOn,
  });
  const key = speedKey('test-weights', 'cpu', 100, 200);
  rememberSpeed(key, speed(1, 'sample'));
  rememberSpeed(key, speed(2, 'run'));
  rememberSpeed(key, speed(3, 'sample'));
  expect(knownSpeed(key)?.secondsPerSlice).toBe(2);
  expect(knownSpeed(speedKey('test-weights', 'cpu', 200, 100))).toBeUndefined();
});
