// @vitest-environment jsdom
import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { resultsOfPair } from '../../../src/renderer/state/pairResults.ts';
import { INITIAL_QUEUE, setQueue, useQueue } from '../../../src/renderer/state/queue.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { JobsButton } from '../../../src/renderer/views/jobs/JobsButton.tsx';
import { JobsSheet } from '../../../src/renderer/views/jobs/JobsSheet.tsx';
import { ENHANCED, makeJob, STUDY, show, T1, T2, useAnswers } from '../page.tsx';

afterEach(() => setQueue(INITIAL_QUEUE));

const SUBJECT = {
  ...{ studyUid: STUDY.uid, study: 'DOE JANE', targetUid: T2.uid, target: 'T2 TSE' },
  ...{ referenceUid: T1.uid, reference: 'T1 MPRAGE' },
};

describe('the list of jobs', () => {
  it('says what runs with slices and time left, what waits at which place, and how the others ended', () => {
    setQueue({
      sheetOpen: true,
      revision: 1,
      jobs: [
        makeJob({
          ...{ id: 'r', state: 'running', subject: SUBJECT },
          progress: { stage: 'enhancing', done: 12, total: 55, secondsLeft: 40.2 },
        }),
        makeJob({ id: 'w', state: 'waiting', place: 1, subject: SUBJECT }),
        makeJob({
          ...{ id: 'f', state: 'failed', subject: SUBJECT, attempt: 2 },
          error: { code: 'host-crashed', message: 'The compute process ended', hint: 'Try again.' },
        }),
        makeJob({
          id: 'd',
          state: 'done',
          subject: SUBJECT,
          result: ENHANCED,
          stored: true,
          startedAtMs: 0,
          endedAtMs: 61_000,
        }),
        makeJob({ id: 'g', state: 'done', subject: SUBJECT, result: ENHANCED, stored: false }),
      ],
    });
    show(<JobsSheet />);
    const item = (id: string): HTMLElement => document.querySelector<HTMLElement>(`[data-queued="${id}"]`)!;
    expect(item('r').textContent).toMatch(/Enhancing 12 of 55about 4[01] s left/);
    expect(within(item('r')).getByRole('progressbar').getAttribute('aria-valuenow')).toMatch(/^21\.8/);
    expect(item('w').textContent).toContain('Next');
    expect(item('f').textContent).toContain('The compute process ended');
    expect(item('f').textContent).toContain('attempt 2');
    expect(item('d').textContent).toContain('took 61 s');
    expect(within(item('g')).getByRole<HTMLButtonElement>('button', { name: /^Open result/ }).disabled).toBe(
      true,
    );
    expect(within(item('d')).getByRole<HTMLButtonElement>('button', { name: /^Open result/ }).disabled).toBe(
      false,
    );
  });

  it('of a result that a full disk did not take says so, and opens it from memory while it is there', async () => {
    useAnswers({});
    setApp({
      studies: [STUDY],
      studyUid: STUDY.uid,
      targetUid: T2.uid,
      referenceUid: T1.uid,
      paths: ['/data'],
    });
    const warnings = [{ code: 'not-stored', message: 'The result could not be stored: the disk is full.' }];
    setQueue({
      ...{ sheetOpen: true, revision: 1 },
      jobs: [
        makeJob({
          ...{ id: 'd', state: 'done', subject: SUBJECT, stored: false },
          result: { ...ENHANCED, warnings },
        }),
      ],
    });
    show(<JobsSheet />);
    expect(document.querySelector('[data-kept="memory"]')?.textContent).toContain('export it before');
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: /^Open result/ }));
    });
    expect(useApp.getState().enhanced?.result.warnings).toEqual(warnings);
    expect(resultsOfPair([], useQueue.getState().jobs, useApp.getState()).map(({ id }) => id)).toEqual([
      ENHANCED.id,
    ]);
  });

  it('cancels, tries again and takes off the list', async () => {
    const { calls } = useAnswers({
      jobsCancel: async () => ({ job: makeJob({ id: 'r' }) }),
      jobsRetry: async () => ({ job: makeJob({ id: 'f' }) }),
      jobsClear: async () => ({ cleared: 1 }),
    });
    setQueue({
      sheetOpen: true,
      jobs: [makeJob({ id: 'r', state: 'running' }), makeJob({ id: 'f', state: 'interrupted' })],
    });
    show(<JobsSheet />);
    fireEvent.click(screen.getByRole('button', { name: /^Cancel/ }));
    fireEvent.click(screen.getByRole('button', { name: /^Retry/ }));
    fireEvent.click(screen.getByRole('button', { name: /^Remove from the list/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Clear ended jobs' }));
    await expect
      .poll(() => calls.map(({ name, request }) => [name, request]))
      .toEqual([
        ['jobsCancel', { id: 'r' }],
        ['jobsRetry', { id: 'f' }],
        ['jobsClear', { id: 'f' }],
        ['jobsClear', {}],
      ]);
  });

  it('offers what can be done about an alignment that was not trusted', async () => {
    const { calls } = useAnswers({ jobsRetry: async () => ({ job: makeJob({ id: 'u' }) }) });
    const error = { code: 'registration-untrusted', message: 'Not sharp' };
    setQueue({ sheetOpen: true, jobs: [makeJob({ id: 'u', state: 'failed', error })] });
    show(<JobsSheet />);
    expect(screen.queryByRole('button', { name: /^Retry/ })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /^Accept and go on/ }));
    fireEvent.click(screen.getByRole('button', { name: /^Go on without registration/ }));
    await expect
      .poll(() => calls.map(({ request }) => request))
      .toEqual([
        { id: 'u', change: { acceptRegistration: true } },
        { id: 'u', change: { registration: 'none' } },
      ]);
  });

  it('opens a result with its study, pair and images', async () => {
    useAnswers({ list: async () => ({ studies: [STUDY], refused: [] }) });
    setApp({ studyUid: null });
    setQueue({
      sheetOpen: true,
      jobs: [makeJob({ id: 'd', state: 'done', subject: SUBJECT, result: ENHANCED, stored: true })],
    });
    show(<JobsSheet />);
    fireEvent.click(screen.getByRole('button', { name: /^Open result/ }));
    await expect.poll(() => useApp.getState().enhanced?.result.id).toBe(ENHANCED.id);
    expect(useApp.getState()).toMatchObject({
      ...{ studyUid: STUDY.uid, targetUid: T2.uid, referenceUid: T1.uid, task: 'review' },
    });
  });

  it('counts in the header what is not done', () => {
    show(<JobsButton />);
    expect(screen.getByRole('button', { name: 'Jobs' })).toBeTruthy();
    act(() =>
      setQueue({ jobs: [makeJob({ id: 'a', state: 'running' }), makeJob({ id: 'b', state: 'done' })] }),
    );
    expect(screen.getByRole('button', { name: 'Jobs: 1 is not done' })).toBeTruthy();
  });
});
