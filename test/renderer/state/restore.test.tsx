// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import type { Request, Result } from '../../../src/core/contract/operations.ts';
import { setMeasurements, useMeasurements } from '../../../src/renderer/state/measurements.ts';
import { beginRemembering, rememberableSession } from '../../../src/renderer/state/restore.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { changePair, openPath } from '../../../src/renderer/state/studyActions.ts';
import { setView, useView } from '../../../src/renderer/state/view.ts';
import { ENHANCED, GUIDED, GUIDED4, STUDY, T1, T2, useAnswers } from '../page.tsx';

const NOTHING: Result<'recall'> = { session: null, view: null, settings: null };

/** A workstation's memory, kept from window to window. */
function memory(first: Partial<Result<'recall'>> = {}) {
  const kept: Record<string, unknown> = { ...NOTHING, ...first };
  const ofStudies: Record<string, Result<'recallOfStudy'>['measurements']> = {};
  return {
    kept,
    ofStudies,
    answers: {
      recall: async () => kept as Result<'recall'>,
      remember: async ({ key, value }: Request<'remember'>) => {
        kept[key] = structuredClone(value);
        return {};
      },
      rememberOfStudy: async ({ studyUid, value }: Request<'rememberOfStudy'>) => {
        ofStudies[studyUid] = structuredClone(value);
        return {};
      },
      recallOfStudy: async ({ studyUid }: Request<'recallOfStudy'>) => ({
        measurements: structuredClone(ofStudies[studyUid]) ?? null,
      }),
      list: async () => ({ studies: [STUDY], refused: [] }),
      libraryStudy: async () => {
        throw new Error('not in the library');
      },
    },
  };
}

const enhancement = (stored: boolean): Result<'libraryEnhancement'> => ({
  enhancement: {
    ...{ id: 'e1', studyUid: '1', targetUid: T2.uid, target: 'T2', referenceUid: T1.uid, reference: 'T1' },
    ...{ model: GUIDED.id, modelVersion: '1.0.0', scale: 2, device: 'cpu', verdict: 'trusted' },
    ...{ madeAtMs: 1, seconds: 1, stored, bytes: 1, removed: stored ? null : 'by-user', exports: [] },
  } as Result<'libraryEnhancement'>['enhancement'],
  result: ENHANCED,
});

describe('a window that comes back', () => {
  it('is at the study, pair, task, choices, view, measurements and enhanced series of the one before', async () => {
    const { kept, answers } = memory();
    useAnswers(answers);
    setApp({ models: [GUIDED, GUIDED4] });
    const stop = await beginRemembering();
    await openPath('/data/study');
    // What is kept of the study is read, without being waited for.
    await new Promise((resolve) => setTimeout(resolve));
    changePair(T1.uid, T2.uid);
    setApp({
      ...{ task: 'review', scale: 4, modelId: GUIDED4.id, modelPicked: true, exportFolder: '/out' },
      enhanced: { result: ENHANCED, scale: 2, targetUid: T2.uid, referenceUid: T1.uid },
    });
    setView({ focusLps: [1, 2, 3], zoom: 3, windows: { target: { center: 5, width: 6 } }, layout: 'axial' });
    const item = {
      ...{ id: 'm1', name: 'Length 1', kind: 'length' as const },
      plane: { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, 1] } as const,
      pointsLps: [[0, 0, 0] as const, [3, 4, 0] as const],
    };
    setMeasurements({ items: [item] });
    const before = rememberableSession(useApp.getState());
    stop();
    expect(kept.session).toMatchObject({ studyUid: '1', task: 'review', enhancedId: 'e1' });

    setApp({ studies: [], studyUid: null, paths: [], enhanced: null, task: 'studies', targetUid: null });
    setView({ focusLps: null, zoom: 1, windows: {}, layout: 'all' });
    useAnswers({ ...answers, libraryEnhancement: async () => enhancement(true) });
    const stopAgain = await beginRemembering();
    await vi.waitFor(() => expect(useMeasurements.getState().items).toEqual([item]));
    stopAgain();
    const state = useApp.getState();
    // The pair becomes the one that the enhanced series was made of.
    expect(rememberableSession(state)).toEqual({ ...before, targetUid: T2.uid, referenceUid: T1.uid });
    expect(state.enhanced?.result).toEqual(ENHANCED);
    expect(useView.getState()).toMatchObject({
      focusLps: [1, 2, 3],
      zoom: 3,
      windows: { target: { center: 5, width: 6 } },
      layout: 'axial',
    });
  });

  const session = (): NonNullable<Result<'recall'>['session']> => ({
    ...rememberableSession(useApp.getState()),
    ...{ paths: ['/data/study'], studyUid: '1', task: 'export', targetUid: T2.uid, referenceUid: T1.uid },
    enhancedId: 'e1',
  });

  it('leaves the user where they go as soon as the study is there', async () => {
    useAnswers({
      ...memory({ session: session() }).answers,
      libraryEnhancement: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return enhancement(true);
      },
    });
    setApp({ studies: [], studyUid: null, enhanced: null, task: 'studies' });
    const began = beginRemembering();
    await vi.waitFor(() => expect(useApp.getState().studyUid).toBe('1'));
    expect(useApp.getState().task).toBe('export');
    setApp({ task: 'studies' });
    (await began)();
    expect(useApp.getState()).toMatchObject({ task: 'studies', studyUid: '1' });
    expect(useApp.getState().enhanced?.result).toEqual(ENHANCED);
  });

  it('has the pair without the enhanced series where that was removed', async () => {
    useAnswers({
      ...memory({ session: session() }).answers,
      libraryEnhancement: async () => enhancement(false),
    });
    (await beginRemembering())();
    expect(useApp.getState()).toMatchObject({ enhanced: null, targetUid: T2.uid, task: 'export' });
  });

  it('says why where the study is not there, and keeps the memory of it for the next time', async () => {
    const { kept, answers } = memory({ session: session() });
    useAnswers({ ...answers, list: async () => Promise.reject(new Error('gone')) });
    (await beginRemembering())();
    expect(useApp.getState().jobs.open?.error?.message).toBe('gone');
    expect(kept.session).toMatchObject({ studyUid: '1' });
  });

  it('does not take the place of what the user has opened meanwhile', async () => {
    const other = { ...STUDY, uid: '2' };
    const { answers } = memory({ session: session() });
    useAnswers({ ...answers, list: async () => ({ studies: [other], refused: [] }) });
    await openPath('/data/other');
    (await beginRemembering())();
    expect(useApp.getState().studyUid).toBe('2');
  });

  it('takes of a view that another version wrote only what it knows and what is of its kind', async () => {
    const view = {
      zoom: 'large',
      layout: 'axial',
      hiddenColumns: 7,
      unheardOf: 1,
      focusLps: [1, 'x', 3],
      volumes: {},
    };
    useAnswers(memory({ session: session(), view }).answers);
    (await beginRemembering())();
    expect(useView.getState()).toMatchObject({ zoom: 1, layout: 'axial', focusLps: null });
    expect(useView.getState()).not.toHaveProperty('unheardOf');
    expect(Array.isArray(useView.getState().hiddenColumns)).toBe(true);
  });

  it('remembers a row of changes once, when it has settled', async () => {
    const { answers } = memory();
    const remember = vi.fn(answers.remember);
    useAnswers({ ...answers, remember });
    const stop = await beginRemembering();
    vi.useFakeTimers();
    try {
      for (let zoom = 2; zoom < 12; zoom++) setView({ zoom });
      await vi.advanceTimersByTimeAsync(300);
      expect(remember).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(300);
      expect(remember).toHaveBeenCalledTimes(1);
      setView({ zoom: 11 });
      await vi.advanceTimersByTimeAsync(1000);
      expect(remember).toHaveBeenCalledTimes(1);
    } finally {
      vi.useRealTimers();
      stop();
    }
  });
});
