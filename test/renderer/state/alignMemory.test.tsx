// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Alignment } from '../../../src/core/contract/aligning.ts';
import type { KeptAlignment } from '../../../src/core/contract/keptAlignments.ts';
import type { Request } from '../../../src/core/contract/operations.ts';
import { SCANNER_POSITION, useAlign } from '../../../src/renderer/state/align.ts';
import {
  accept,
  alignmentForEnhance,
  begin,
  goOnWithoutReference,
  moveTo,
} from '../../../src/renderer/state/alignActions.ts';
import { followAlignments } from '../../../src/renderer/state/alignMemory.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { changePair } from '../../../src/renderer/state/studyActions.ts';
import { AlignView } from '../../../src/renderer/views/align/AlignView.tsx';
import { ENHANCED, GUIDED, SINGLE, STUDY, show, T1, T2, useAnswers } from '../page.tsx';

const VERDICT: Alignment = {
  registration: { ...ENHANCED.registration, verdict: 'untrusted' },
  matrix: [
    [1, 0, 0, 5],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ],
  motion: { rotationDeg: [0, 0, 0], translationMm: [-5, 0, 0] },
  centreLps: [0, 0, 0],
  slices: [],
  outOfLine: [],
  seconds: 1,
};
const BY_HAND: KeptAlignment = {
  motion: VERDICT.motion,
  by: 'hand',
  verdict: VERDICT,
  accepted: true,
  withoutReference: false,
};

/** A workstation that keeps alignments by pair, as the library does. */
function memory(first: Record<string, KeptAlignment> = {}) {
  const kept = new Map(Object.entries(first));
  const key = (target: string, reference: string): string => `${target} ${reference}`;
  return {
    kept,
    answers: {
      alignmentRecall: vi.fn(async ({ target, reference }: Request<'alignmentRecall'>) => ({
        files: 'f1',
        kept: kept.get(key(target.series, reference.series)) ?? null,
        dropped: false,
      })),
      alignmentKeep: vi.fn(async (asked: Request<'alignmentKeep'>) => {
        const name = key(asked.targetUid, asked.referenceUid);
        if (asked.alignment === null) kept.delete(name);
        else kept.set(name, structuredClone(asked.alignment));
        return {};
      }),
    },
  };
}

const PAIR = `${T2.uid} ${T1.uid}`;
const openPair = (): void =>
  setApp({
    ...{ studies: [STUDY], studyUid: STUDY.uid, paths: ['/data/study'], models: [GUIDED, SINGLE] },
    ...{ targetUid: T2.uid, referenceUid: T1.uid },
  });
const recalled = () => expect.poll(() => useAlign.getState().recalling).toBe(false);

let stop: (() => void) | undefined;
beforeEach(() => {
  stop = undefined;
});
afterEach(() => stop?.());

describe('the alignment of a pair', () => {
  it('is there again for the next window, verdict, yes and all, and goes into the enhancement', async () => {
    const { kept, answers } = memory();
    useAnswers(answers);
    stop = followAlignments();
    openPair();
    await recalled();
    useAlign.setState({ position: { motion: VERDICT.motion, by: 'hand', verdict: VERDICT }, begun: true });
    accept();
    stop();
    expect(kept.get(PAIR)).toEqual(BY_HAND);

    setApp({ targetUid: null, referenceUid: null });
    expect(useAlign.getState().position).toBe(SCANNER_POSITION);
    stop = followAlignments();
    openPair();
    await recalled();
    expect(useAlign.getState()).toMatchObject({
      position: { motion: VERDICT.motion, by: 'hand', verdict: VERDICT },
      accepted: true,
    });
    expect(alignmentForEnhance()).toEqual({
      registration: 'rigid',
      alignment: { matrix: VERDICT.matrix, by: 'manual' },
      acceptRegistration: true,
    });
    // Shown again is not changed.
    stop();
    expect(answers.alignmentKeep).toHaveBeenCalledTimes(1);
  });

  it('belongs to its pair: another has its own, and the first is there when it is chosen again', async () => {
    const { answers } = memory({ [PAIR]: BY_HAND });
    useAnswers(answers);
    stop = followAlignments();
    openPair();
    await recalled();
    changePair(T1.uid, T2.uid);
    await recalled();
    expect(useAlign.getState()).toMatchObject({ position: SCANNER_POSITION, accepted: false });
    changePair(T2.uid, T1.uid);
    await expect.poll(() => useAlign.getState().accepted).toBe(true);
    expect(answers.alignmentKeep).not.toHaveBeenCalled();
  });

  it('that was changed a moment before another pair is chosen is kept all the same', async () => {
    const { kept, answers } = memory();
    useAnswers(answers);
    stop = followAlignments();
    openPair();
    await recalled();
    moveTo({ rotationDeg: [0, 0, 4], translationMm: [1, 2, 3] }, 'test');
    changePair(T1.uid, T2.uid);
    expect(kept.get(PAIR)).toMatchObject({
      ...{ by: 'hand', verdict: null, accepted: false },
      motion: { rotationDeg: [0, 0, 4], translationMm: [1, 2, 3] },
    });
    expect(kept.size).toBe(1);
  });

  it('without the reference comes back as that: only models for single images', async () => {
    const { kept, answers } = memory();
    useAnswers(answers);
    stop = followAlignments();
    openPair();
    await recalled();
    goOnWithoutReference();
    stop();
    expect(kept.get(PAIR)).toMatchObject({ by: 'scanner', verdict: null, withoutReference: true });
    setApp({ targetUid: null, referenceUid: null, modelId: null });
    stop = followAlignments();
    openPair();
    await expect.poll(() => useAlign.getState().withoutReference).toBe(true);
    expect(useApp.getState().modelId).toBe(SINGLE.id);
  });

  it('is not registered by itself before it is known what is kept, nor where something is', async () => {
    const answer = Promise.withResolvers<void>();
    const { answers } = memory({ [PAIR]: BY_HAND });
    const { alignmentRecall } = answers;
    const align = vi.fn(() => new Promise<Alignment>(() => {}));
    useAnswers({
      ...answers,
      align,
      alignmentRecall: async (asked) => {
        await answer.promise;
        return alignmentRecall(asked as Request<'alignmentRecall'>);
      },
    });
    stop = followAlignments();
    openPair();
    begin();
    answer.resolve();
    await recalled();
    begin();
    expect(align).not.toHaveBeenCalled();
  });

  it('whose files have changed is dropped, which the screen says, and is registered anew', async () => {
    const align = vi.fn(() => new Promise<Alignment>(() => {}));
    useAnswers({
      ...memory().answers,
      align,
      alignmentRecall: async () => ({ files: 'f2', kept: null, dropped: true }),
    });
    stop = followAlignments();
    openPair();
    await recalled();
    begin();
    expect(align).toHaveBeenCalledTimes(1);
    const page = show(<AlignView />);
    expect(page.getByText(/files are not those that it was made on/)).toBeTruthy();
  });

  it('does not take the place of what the user did meanwhile, and that is kept', async () => {
    const answer = Promise.withResolvers<void>();
    const { kept, answers } = memory({ [PAIR]: BY_HAND });
    useAnswers({
      ...answers,
      alignmentRecall: async (asked) => {
        await answer.promise;
        return answers.alignmentRecall(asked as Request<'alignmentRecall'>);
      },
    });
    stop = followAlignments();
    openPair();
    goOnWithoutReference();
    answer.resolve();
    await recalled();
    stop();
    expect(kept.get(PAIR)).toMatchObject({ withoutReference: true, by: 'scanner' });
  });
});
