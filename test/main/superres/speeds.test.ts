import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { library } from '../../../src/main/library/library.ts';
import { change, rows } from '../../../src/main/library/sqlite.ts';
import {
  forgetSpeeds,
  knownSpeed,
  paceOf,
  rememberSpeed,
  type Speed,
  speedKey,
} from '../../../src/main/superres/speeds.ts';

let home: string | undefined;
let folder: string;
beforeEach(() => {
  home = process.env.TANDEM_HOME;
  folder = mkdtempSync(join(tmpdir(), 'tandem-speeds-'));
  process.env.TANDEM_HOME = folder;
});
afterEach(() => {
  library().close();
  forgetSpeeds();
  if (home === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = home;
  rmSync(folder, { recursive: true, force: true });
});

const speed = (secondsPerSlice: number, measuredOn: Speed['measuredOn']): Speed => ({
  startSeconds: 0,
  secondsPerSlice,
  tiled: false,
  workers: 1,
  memoryMb: 1,
  measuredOn,
});

it('tells the start of a run from its work', () => {
  // Two workers that start in 3 s and then take 1 s a slice each.
  const pace = paceOf([4, 4, 5, 5, 6, 6], 2)!;
  expect(pace.secondsPerSlice).toBeCloseTo(0.5, 9);
  expect(pace.startSeconds).toBeCloseTo(3, 9);
  expect(paceOf([2, 4], 4)).toEqual({ startSeconds: 0, secondsPerSlice: 2 });
  expect(paceOf([], 2)).toBeUndefined();
});

it('remembers speeds by model, device and matrix; a run is never forgotten for a sample', () => {
  const key = speedKey('test-weights', 'cpu', 100, 200);
  rememberSpeed(key, speed(1, 'sample'));
  rememberSpeed(key, speed(2, 'run'));
  rememberSpeed(key, speed(3, 'sample'));
  expect(knownSpeed(key)?.secondsPerSlice).toBe(2);
  expect(knownSpeed(speedKey('test-weights', 'cpu', 200, 100))).toBeUndefined();
});

it('knows at the next start what was measured before, on this machine and in this form only', () => {
  const keys = ['a', 'b', 'c'].map((weights) => speedKey(weights, 'cpu', 100, 200));
  library().use(() => {});
  rememberSpeed(keys[0]!, speed(2, 'run'));
  rememberSpeed(keys[1]!, speed(5, 'sample'));
  rememberSpeed(keys[2]!, speed(7, 'sample'));
  forgetSpeeds();
  rememberSpeed(keys[0]!, speed(3, 'sample'));
  forgetSpeeds();
  expect(knownSpeed(keys[0]!)).toEqual(speed(2, 'run'));
  // Another machine that shares the folder, and another version's words for it.
  library().change((database) => {
    change(database, `UPDATE speeds SET machine = 'another' WHERE key = ?`, keys[1]!);
    change(database, `UPDATE speeds SET speed = '{"pace":1}' WHERE key = ?`, keys[2]!);
  });
  expect(keys.slice(1).map(knownSpeed)).toEqual([undefined, undefined]);
  const machines = library().use((database) =>
    rows<{ machine: string }>(database, 'SELECT machine FROM speeds'),
  );
  expect(machines.every(({ machine }) => machine === 'another' || /^[0-9a-f]{64}$/.test(machine))).toBe(true);
});

it('begins no library for a command that only measures', () => {
  rememberSpeed(speedKey('a', 'cpu', 1, 1), speed(1, 'run'));
  expect(knownSpeed(speedKey('a', 'cpu', 1, 1))?.secondsPerSlice).toBe(1);
  forgetSpeeds();
  expect(knownSpeed(speedKey('a', 'cpu', 1, 1))).toBeUndefined();
});
