// @vitest-environment jsdom
import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { QueuedJob } from '../../../src/core/contract/jobs.ts';
import type { Enhancement } from '../../../src/core/contract/library.ts';
import type { Result } from '../../../src/core/contract/operations.ts';
import { allColumns, columnId } from '../../../src/renderer/state/columns.ts';
import { chooseResult } from '../../../src/renderer/state/openResult.ts';
import { followResults, refreshResults, resultsOfPair } from '../../../src/renderer/state/pairResults.ts';
import { followQueue, setQueue, useQueue } from '../../../src/renderer/state/queue.ts';
import { cancelJob } from '../../../src/renderer/state/session.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { changePair } from '../../../src/renderer/state/studyActions.ts';
import { followPairJobs, useWatched } from '../../../src/renderer/state/watchJob.ts';
import { EnhanceView } from '../../../src/renderer/views/enhance/EnhanceView.tsx';
import { HeaderJob } from '../../../src/renderer/views/jobs/HeaderJob.tsx';
import { ENHANCED, GUIDED, makeJob, SINGLE, STUDY, show, T1, T2, useAnswers } from '../page.tsx';

const SUBJECT = {
  ...{ studyUid: STUDY.uid, study: 'DOE JANE', targetUid: T2.uid, target: 'T2 TSE' },
  ...{ referenceUid: T1.uid, reference: 'T1 MPRAGE' },
};
const PROGRESS = { stage: 'enhancing', done: 12, total: 55, secondsLeft: 42 };
const running = (id: string, change: Partial<QueuedJob> = {}): QueuedJob =>
  makeJob({ id, state: 'running', subject: SUBJECT, progress: PROGRESS, startedAtMs: 5, ...change });
const waiting = (id: string): QueuedJob => makeJob({ id, subject: SUBJECT, place: 1 });
const done = (id: string, change: Partial<Result<'enhance'>> = {}): QueuedJob =>
  makeJob({
    ...{ id, state: 'done', subject: SUBJECT, stored: true, resultId: `r-${id}`, endedAtMs: 9 },
    result: { ...ENHANCED, id: `r-${id}`, ...change },
  });
const failed = (id: string): QueuedJob =>
  makeJob({
    ...{ id, state: 'failed', subject: SUBJECT },
    error: { code: 'host-crashed', message: 'The compute process ended unexpectedly' },
  });

const setJobs = (...jobs: QueuedJob[]): void =>
  act(() => setQueue({ jobs, revision: (useQueue.getState().revision ?? 0) + 1 }));
const openPair = (): void =>
  setApp({
    ...{ studies: [STUDY], studyUid: STUDY.uid, paths: ['/data/study'], models: [GUIDED, SINGLE] },
    ...{ targetUid: T2.uid, referenceUid: T1.uid, task: 'enhance', modelId: GUIDED.id },
  });
const job = () => useApp.getState().jobs.enhance;

const stops: (() => void)[] = [];
beforeEach(() => {
  stops.length = 0;
  useWatched.setState({ id: null });
});
afterEach(() => {
  for (const stop of stops) stop();
});

describe('a job of the pair that is shown', () => {
  it('is followed again by a window that was reloaded: progress, cancel, and its result', async () => {
    const jobsCancel = vi.fn(async () => ({ job: running('a') }));
    useAnswers({ jobsCancel });
    openPair();
    stops.push(followPairJobs());
    expect(job()).toBeUndefined();
    setJobs(running('a'));
    await expect.poll(job).toMatchObject({ status: 'running', progress: PROGRESS, startedAtMs: 5 });
    const page = show(
      <>
        <HeaderJob />
        <EnhanceView />
      </>,
    );
    expect(page.container.querySelector('[data-job="enhance"]')?.textContent).toContain('12 of 55');
    expect(page.container.querySelector('[data-header-job="a"]')?.textContent).toContain('12 of 55');
    cancelJob('enhance');
    expect(jobsCancel).toHaveBeenCalledWith({ id: 'a' }, expect.anything());
    // It was too late to stop it.
    setJobs(done('a'));
    await expect.poll(() => useApp.getState().enhanced?.result.id).toBe('r-a');
    expect(job()?.status).toBe('done');
    expect(page.container.querySelector('[data-header-job]')).toBeNull();
  });

  it('is stopped from the header of any screen', () => {
    const jobsCancel = vi.fn(async () => ({ job: running('a') }));
    useAnswers({ jobsCancel });
    setQueue({ jobs: [running('a')], revision: 1 });
    show(<HeaderJob />);
    fireEvent.click(screen.getByRole('button', { name: /^Cancel/ }));
    expect(jobsCancel).toHaveBeenCalledWith({ id: 'a' }, expect.anything());
    setJobs(running('a', { cancelling: true }));
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Cancel/ }).disabled).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: /^Running/ }));
    expect(useQueue.getState().sheetOpen).toBe(true);
  });

  it('of several in a row is followed one after the other; what came to no good end stays in sight', async () => {
    useAnswers({});
    openPair();
    stops.push(followPairJobs());
    setJobs(running('a'), waiting('b'));
    const page = show(<EnhanceView />);
    const others = () =>
      page.container.querySelectorAll('[aria-label="Other jobs of this pair"] [data-queued]');
    await expect.poll(() => [...others()].map((one) => one.getAttribute('data-queued'))).toEqual(['b']);
    setJobs(failed('a'), running('b'));
    await expect.poll(() => useWatched.getState().id).toBe('b');
    expect(job()?.status).toBe('running');
    expect([...others()].map((one) => one.textContent)).toEqual([
      expect.stringContaining('ended unexpectedly'),
    ]);
    await act(async () => setQueue({ jobs: [done('b'), failed('a')], revision: 9 }));
    expect(useApp.getState().enhanced?.result.id).toBe('r-b');
    expect(within(others()[0] as HTMLElement).getByRole('button', { name: /^Retry/ })).toBeTruthy();
  });

  it('is not that of another pair; with the pair the watching changes, and the job goes on', async () => {
    const jobsCancel = vi.fn(async () => ({ job: running('a') }));
    useAnswers({ jobsCancel });
    openPair();
    stops.push(followPairJobs());
    setJobs(running('a'));
    changePair(T1.uid, T2.uid);
    expect(job()).toBeUndefined();
    setJobs(done('a'));
    await act(async () => {});
    expect(useApp.getState().enhanced).toBeNull();
    setJobs(done('a'), running('b'));
    changePair(T2.uid, T1.uid);
    expect(job()?.status).toBe('running');
    expect(jobsCancel).not.toHaveBeenCalled();
  });

  it('does not replace what is about to be exported', async () => {
    useAnswers({});
    openPair();
    stops.push(followPairJobs());
    const mine = { result: ENHANCED, scale: 2 as const, targetUid: T2.uid, referenceUid: T1.uid };
    setApp({ enhanced: mine, task: 'export', exportFolder: '/mine' });
    setJobs(running('a'));
    setJobs(done('a'));
    await expect.poll(() => job()?.status).toBe('done');
    expect(useApp.getState()).toMatchObject({ enhanced: mine, exportFolder: '/mine' });
  });

  it('waits its turn where one runs already: a second is started from the same screen', async () => {
    const jobsSubmit = vi.fn(async () => ({ jobs: [] }));
    useAnswers({ jobsSubmit });
    openPair();
    stops.push(followPairJobs());
    setJobs(running('a'));
    show(<EnhanceView />);
    setApp({ modelId: SINGLE.id });
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Enhance after the running job' }));
    });
    expect(jobsSubmit).toHaveBeenCalledWith(
      { orders: [expect.objectContaining({ order: expect.objectContaining({ kind: 'enhance' }) })] },
      expect.anything(),
    );
    expect(useWatched.getState().id).toBe('a');
  });
});

const history = (id: string, change: Partial<Enhancement> = {}): Enhancement => ({
  ...{ id, studyUid: STUDY.uid, targetUid: T2.uid, target: 'T2', referenceUid: T1.uid, reference: 'T1' },
  ...{ model: GUIDED.id, modelVersion: '1.0.0', scale: 2, device: 'cpu', verdict: 'trusted' },
  ...{ madeAtMs: 1, seconds: 1, stored: true, bytes: 1, removed: null, exports: [], modelState: 'shipped' },
  ...change,
});

describe('the enhanced series of a pair', () => {
  const pair = { studyUid: STUDY.uid, targetUid: T2.uid, referenceUid: T1.uid };

  it('are those that are stored of this target with this reference or none, each once, the latest first', () => {
    const found = resultsOfPair(
      [
        history('old'),
        history('single', { referenceUid: null, madeAtMs: 3 }),
        history('r-a', { madeAtMs: 9 }),
        history('gone', { stored: false }),
        history('turned', { targetUid: T1.uid, referenceUid: T2.uid }),
      ],
      [done('a'), done('dropped', { id: 'dropped', model: 'other' }), { ...done('lost'), stored: false }],
      pair,
    );
    expect(found.map(({ id }) => id).sort()).toEqual(['dropped', 'old', 'r-a', 'single']);
    expect(found.at(-1)?.id).toBe('old');
  });

  it('appear in Review by themselves when their jobs end, beside the one that is shown', async () => {
    const enhancements = [history('old', { scale: 4, model: 'srcnn-x4' })];
    const later = Promise.withResolvers<Result<'jobsList'>>();
    const lists = [Promise.resolve({ revision: 1, jobs: [running('a')] }), later.promise];
    useAnswers({
      libraryStudy: async () => ({ study: { enhancements } as unknown as Result<'libraryStudy'>['study'] }),
      jobsList: () => lists.shift() ?? new Promise(() => {}),
    });
    openPair();
    stops.push(followPairJobs(), followResults());
    followQueue();
    const inReview = () =>
      allColumns(useApp.getState()).flatMap((column) =>
        column.kind === 'enhanced' || column.kind === 'result' ? [column.note] : [],
      );
    await expect.poll(inReview).toEqual(['ENHANCED ×4 · srcnn-x4 · RUO']);
    enhancements.unshift(history('r-a', { madeAtMs: 8 }));
    later.resolve({ revision: 2, jobs: [done('a')] });
    await expect.poll(inReview).toEqual([`ENHANCED ×2 · ${GUIDED.id} · RUO`, 'ENHANCED ×4 · srcnn-x4 · RUO']);
    const ids = allColumns(useApp.getState()).map(columnId);
    expect(new Set(ids).size).toBe(ids.length);
    // The other way round: the old one is shown, the new one stands beside it.
    useAnswers({
      libraryEnhancement: async () => ({ enhancement: enhancements[1]!, result: { ...ENHANCED, id: 'old' } }),
    });
    setApp({ task: 'review' });
    await chooseResult('old');
    expect(useApp.getState()).toMatchObject({ task: 'review', enhanced: { result: { id: 'old' } } });
    expect(inReview()[1]).toContain(GUIDED.id);
  });

  it('of the target alone leave the pair as it is when they are shown', async () => {
    openPair();
    useAnswers({
      libraryEnhancement: async () => ({
        enhancement: history('single', { referenceUid: null }),
        result: { ...ENHANCED, id: 'single' },
      }),
    });
    await chooseResult('single');
    expect(useApp.getState()).toMatchObject({
      referenceUid: T1.uid,
      enhanced: { result: { id: 'single' }, referenceUid: null },
    });
  });

  it('of another pair are gone at once, and those of a study that the library has not come from the queue', async () => {
    useAnswers({});
    openPair();
    stops.push(followResults());
    setJobs(done('a'));
    await refreshResults();
    expect(useApp.getState().results.map(({ id }) => id)).toEqual(['r-a']);
    setApp({ referenceUid: null });
    expect(useApp.getState().results).toEqual([]);
  });
});
