import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { createRandom } from '../../../src/core/random.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../../src/main/training/checkpoint.ts';
import { SCORE_NAMES } from '../../../src/main/training/trainingLog.ts';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-checkpoint-'));
  path = join(folder, 'checkpoint.safetensors');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tensor = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const score = { psnr: 1, psnrInside: 2, gain: 3, gainInside: 4, ssim: 5, ssimInside: 6 };
const random = createRandom(3);
random.normal();
const CHECKPOINT: Checkpoint = {
  step: 4,
  settings: { b: [1, { y: 2, x: 1 }], a: 'word', absent: undefined },
  learningRate: 1 / 3,
  random: random.state(),
  losses: { first: [0.1, 0.2], last: [0.3], unrecorded: [1 / 7] },
  records: [
    { step: 0, seconds: 1.5, loss: Number.NaN, learningRate: 0, validation: score },
    { step: 2, seconds: 2, loss: 0.1, learningRate: 1e-3 },
    {
      step: 4,
      seconds: 3,
      loss: 0.2,
      learningRate: 1e-3,
      validation: {
        ...score,
        psnr: Number.POSITIVE_INFINITY,
        gain: Number.NEGATIVE_INFINITY,
        ssimInside: Number.NaN,
      },
    },
  ],
  seconds: 3.25,
  best: { step: 2, score: Number.NaN, since: 1 },
  state: new Map([
    ['w', tensor(1, -0, 1e-40)],
    ['m', tensor(0)],
  ]),
  kept: new Map([['w', tensor(7, 8, 9)]]),
};

describe('a checkpoint', () => {
  it('comes back as it was, what is not finite too', async () => {
    await saveCheckpoint(path, CHECKPOINT);
    const back = await loadCheckpoint(path, CHECKPOINT.settings, CHECKPOINT.state, SCORE_NAMES);
    const { absent: _, ...settings } = CHECKPOINT.settings as { absent: undefined };
    expect(back).toEqual({ ...CHECKPOINT, settings });
    expect(Object.is(back.state.get('w')!.data[1], -0)).toBe(true);
    expect(back.random.spare).not.toBeNull();
    await saveCheckpoint(path, { ...CHECKPOINT, best: null, kept: undefined });
    expect(await loadCheckpoint(path, CHECKPOINT.settings, CHECKPOINT.state, SCORE_NAMES)).toMatchObject({
      best: null,
      kept: undefined,
    });
  });

  it('names the first setting that is another, whatever the order of their keys', async () => {
    await saveCheckpoint(path, CHECKPOINT);
    const load = (settings: unknown) => loadCheckpoint(path, settings, CHECKPOINT.state, SCORE_NAMES);
    await expect(load({ a: 'word', b: [1, { x: 1, y: 2 }] })).resolves.toMatchObject({ step: 4 });
    for (const [name, other] of [
      ['a', { a: 'other', b: [1, { x: 1, y: 2 }] }],
      ['b', { a: 'word', b: [1, { x: 1, y: 3 }] }],
      ['b', { a: 'word', b: [{ x: 1, y: 2 }, 1] }],
      ['c', { a: 'word', b: [1, { x: 1, y: 2 }], c: 1 }],
      ['b', { a: 'word' }],
    ] as const) {
      await expect(load(other)).rejects.toMatchObject({
        code: 'usage',
        path,
        message: expect.stringContaining(`(${name})`),
      });
    }
  });

  it('is refused by name where it is damaged, of another version, or lacks a tensor', async () => {
    await saveCheckpoint(path, CHECKPOINT);
    const whole = await readFile(path);
    const { tensors, metadata } = readSafetensors(whole, path);
    const load = () => loadCheckpoint(path, CHECKPOINT.settings, CHECKPOINT.state, SCORE_NAMES);
    const training = JSON.parse(metadata.get('training')!);
    const withTraining = (change: object) =>
      writeSafetensors(
        tensors,
        new Map([...metadata, ['training', JSON.stringify({ ...training, ...change })]]),
      );
    for (const [bytes, message] of [
      [whole.subarray(0, whole.length - 2), /./],
      [writeSafetensors(tensors, new Map([...metadata, ['format', 'tandem-checkpoint-1']])), /version/],
      [writeSafetensors(tensors, new Map([...metadata, ['training', '{']])), /not JSON/],
      [withTraining({ step: -1 }), /malformed/],
      [withTraining({ random: { words: [1, 2, 3], spare: null } }), /malformed/],
      [withTraining({ records: [{ step: 1 }] }), /malformed/],
      [writeSafetensors(new Map([...tensors].filter(([name]) => name !== 'state/m')), metadata), /lacks m/],
      [writeSafetensors(new Map([...tensors, ['state/m', tensor(1, 2)]]), metadata), /lacks m/],
      [
        writeSafetensors(new Map([...tensors].filter(([name]) => name !== 'kept/w')), metadata),
        /best weights/,
      ],
    ] as const) {
      await writeFile(path, bytes);
      await expect(load()).rejects.toMatchObject({
        code: 'bad-tensor-file',
        path,
        message: expect.stringMatching(message),
      });
    }
    await rm(path);
    await expect(load()).rejects.toMatchObject({ code: 'not-found', path });
  });
});
