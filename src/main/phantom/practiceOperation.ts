import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { phantom } from '../../core/contract/phantom.ts';
import type { Handler } from '../host/handler.ts';
import { privateDataFolder } from '../library/folder.ts';
import { phantomOperation } from './phantomOperation.ts';

/** Small enough for two cores, and what the models were trained on: 1 mm enhanced, 4 mm slices. */
const STUDY = {
  contrasts: ['t2', 't1'],
  matrix: 120,
  slices: 18,
  sliceThicknessMm: 4,
  referenceMatrix: 240,
  referenceSlices: 36,
  referenceSliceThicknessMm: 2.4,
  motionDeg: [2, -1, 3],
  motionMm: [4, -3, 2],
} as const;
/** Of the choices above: another choice is another folder. */
const NAME = 'practice-1';

/** The study of the tour, made where it is not there. A half made one cannot be: it is written whole or not at all. */
export const practiceOperation: Handler<'practice'> = async (_request, job) => {
  const path = join(privateDataFolder(), NAME);
  const found = await readdir(path).catch(() => []);
  if (found.length === 0) await phantomOperation(phantom.request.parse({ out: path, ...STUDY }), job);
  return { path };
};
