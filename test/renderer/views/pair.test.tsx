// @vitest-environment jsdom
import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Request, Result } from '../../../src/core/contract/operations.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { setView } from '../../../src/renderer/state/view.ts';
import { PairView } from '../../../src/renderer/views/pair/PairView.tsx';
import { makeSeries, STUDY, show, T1, T2, useAnswers } from '../page.tsx';

/** Thumbnails are asked for once a window: every test has a study of its own. */
let uid = 0;
const FLAIR = makeSeries({ uid: '1.7', number: 7, description: 'FLAIR' });
const openStudy = (): string => {
  const study = { ...STUDY, uid: `pair-${++uid}`, series: [T2, T1, FLAIR] };
  setApp({
    ...{ studies: [study], studyUid: study.uid, paths: ['/dropped'], task: 'pair' },
    ...{ targetUid: T2.uid, referenceUid: T1.uid },
  });
  return study.uid;
};
const PICTURE: Result<'libraryThumbnail'> = { size: [1, 1], voxels: new Uint8Array([7]) };
const line = (series: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-pair-series="${series}"]`)!;

beforeEach(() => {
  // jsdom draws nothing.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the series on Pair', () => {
  it('have pictures, also where the library has not the study: it is told what was opened', async () => {
    const asked: Request<'libraryThumbnail'>[] = [];
    useAnswers({
      libraryThumbnail: async (request) => {
        asked.push(request as Request<'libraryThumbnail'>);
        return PICTURE;
      },
    });
    const studyUid = openStudy();
    show(<PairView />);
    await expect.poll(() => document.querySelectorAll('[data-thumbnail="made"]').length).toBe(3);
    expect(asked).toEqual(
      [T2, T1, FLAIR].map((series) => ({ studyUid, seriesUid: series.uid, paths: ['/dropped'] })),
    );
  });

  it('are read after the images, and no more than two at once', async () => {
    const answers: ((picture: Result<'libraryThumbnail'>) => void)[] = [];
    const libraryThumbnail = vi.fn(
      () => new Promise<Result<'libraryThumbnail'>>((resolve) => answers.push(resolve)),
    );
    useAnswers({ libraryThumbnail });
    setView({ volumes: { 'series-1_6': { status: 'loading', done: 0, total: 1 } } });
    openStudy();
    show(<PairView />);
    await act(async () => {});
    expect(libraryThumbnail).not.toHaveBeenCalled();
    act(() => setView({ volumes: {} }));
    expect(libraryThumbnail).toHaveBeenCalledTimes(2);
    await act(async () => answers[0]?.(PICTURE));
    expect(libraryThumbnail).toHaveBeenCalledTimes(3);
    await act(async () => {
      for (const answer of answers) answer(PICTURE);
    });
  });

  it('are asked for when they come into view', async () => {
    const observers: { tell: (entries: { isIntersecting: boolean }[]) => void; seen: Element[] }[] = [];
    vi.stubGlobal(
      'IntersectionObserver',
      class {
        readonly seen: Element[] = [];
        constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
          observers.push({ tell, seen: this.seen });
        }
        observe(element: Element): void {
          this.seen.push(element);
        }
        disconnect(): void {}
      },
    );
    const libraryThumbnail = vi.fn(async () => PICTURE);
    useAnswers({ libraryThumbnail });
    openStudy();
    show(<PairView />);
    expect(libraryThumbnail).not.toHaveBeenCalled();
    const ofFlair = observers.find(({ seen }) => seen.some((element) => line(FLAIR.uid).contains(element)));
    act(() => ofFlair?.tell([{ isIntersecting: false }]));
    expect(libraryThumbnail).not.toHaveBeenCalled();
    await act(async () => ofFlair?.tell([{ isIntersecting: true }]));
    expect(libraryThumbnail.mock.calls).toEqual([
      [expect.objectContaining({ seriesUid: FLAIR.uid }), expect.anything()],
    ]);
  });

  it('are made target and reference with a click, a reference taken back with another', () => {
    useAnswers({ libraryThumbnail: async () => PICTURE });
    openStudy();
    show(<PairView />);
    const button = (series: string, name: RegExp) =>
      within(line(series)).getByRole<HTMLButtonElement>('button', { name });
    expect(button(T2.uid, /^Target/).getAttribute('aria-pressed')).toBe('true');
    expect(button(T2.uid, /^Reference/).disabled).toBe(true);
    fireEvent.click(button(FLAIR.uid, /^Reference/));
    expect(useApp.getState()).toMatchObject({ targetUid: T2.uid, referenceUid: FLAIR.uid });
    fireEvent.click(button(FLAIR.uid, /^Reference/));
    expect(useApp.getState().referenceUid).toBeNull();
    fireEvent.click(button(T1.uid, /^Target/));
    expect(useApp.getState().targetUid).toBe(T1.uid);
    expect(screen.getByLabelText<HTMLSelectElement>('Target').value).toBe(T1.uid);
  });
});
