// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { JobOrder } from '../../../src/core/contract/jobs.ts';
import type { ModelState } from '../../../src/core/contract/modelStates.ts';
import { operations } from '../../../src/core/contract/operations.ts';
import { availableColumns } from '../../../src/renderer/state/columns.ts';
import { computingOf } from '../../../src/renderer/state/computing.ts';
import { chooseModel } from '../../../src/renderer/state/enhanceActions.ts';
import { stateOfModel } from '../../../src/renderer/state/modelStates.ts';
import { setQueue } from '../../../src/renderer/state/queue.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { text } from '../../../src/renderer/text.ts';
import { EnhanceView } from '../../../src/renderer/views/enhance/EnhanceView.tsx';
import { ExportView } from '../../../src/renderer/views/export/ExportView.tsx';
import { JobItem } from '../../../src/renderer/views/jobs/JobItem.tsx';
import { EnhancementItem } from '../../../src/renderer/views/library/EnhancementItem.tsx';
import { ENHANCED, GUIDED, makeJob, makeModel, STUDY, show, T1, T2, useAnswers } from '../page.tsx';

const own = (id: string, state: ModelState, isDefault = false) =>
  makeModel({
    ...{ id, usesReference: true, reference: 't1', unseenGain: { cases: 3, psnrInside: 9 } },
    standing: { ...GUIDED.standing, state, isDefault },
  });
const CANDIDATE = own('ours-x2', 'candidate');
const enhancing = (model: string): JobOrder => ({
  kind: 'enhance',
  request: operations.enhance.request.parse({
    target: { paths: ['/data/study'], series: T2.uid },
    ...{ scale: 2, model },
  }),
});
const openPair = (models = [GUIDED, CANDIDATE]): void =>
  setApp({
    ...{ studies: [STUDY], studyUid: STUDY.uid, paths: ['/data/study'], models },
    ...{ targetUid: T2.uid, referenceUid: T1.uid, task: 'enhance', modelId: null },
  });
const made = (modelState: ModelState | undefined) => ({
  result: { ...ENHANCED, model: CANDIDATE.id, modelState },
  ...{ scale: 2 as const, targetUid: T2.uid, referenceUid: T1.uid },
});

describe('a model that no one has accepted here', () => {
  it('is never taken without being asked for, whatever it gained; an accepted default is, before all', () => {
    useAnswers({});
    openPair([CANDIDATE, own('was-ours-x2', 'retired'), GUIDED]);
    chooseModel();
    expect(useApp.getState().modelId).toBe(GUIDED.id);
    const shipped = makeModel({ ...GUIDED, id: 'best-x2', unseenGain: { cases: 3, psnrInside: 20 } });
    openPair([CANDIDATE, own('earlier-x2', 'accepted'), shipped, own('accepted-x2', 'accepted', true)]);
    chooseModel();
    expect(useApp.getState().modelId).toBe('accepted-x2');
    // For scans that it does not match it is no default.
    const flair = { ...own('flair-x2', 'accepted', true), target: 'flair' as const };
    openPair([flair, GUIDED]);
    chooseModel();
    expect(useApp.getState().modelId).toBe(GUIDED.id);
  });

  it.each([
    ['candidate', 'CANDIDATE'],
    ['retired', 'RETIRED'],
  ] as const)('marks every image that it makes or made, while it was a %s', (state, mark) => {
    openPair();
    setApp({ enhanced: made(state) });
    const note = () => availableColumns(useApp.getState()).find(({ kind }) => kind === 'enhanced')?.note;
    expect(note()).toBe(`ENHANCED ×2 · ${mark} · ours-x2 · RUO`);
    setApp({
      computing: { resultId: 'r', scale: 2, model: 'ours-x2', modelState: state },
    });
    expect(note()).toBe(`ENHANCED ×2 · ${mark} · ours-x2 · RUO · being computed`);
  });

  it('that was accepted, or ships, or made its image before there were states, adds nothing', () => {
    openPair();
    for (const state of ['accepted', 'shipped', undefined] as const) {
      setApp({ enhanced: made(state) });
      const [, , enhanced] = availableColumns(useApp.getState());
      expect(enhanced?.note).toBe('ENHANCED ×2 · ours-x2 · RUO');
    }
  });

  it('is told before it is used, on its card and in the lists', () => {
    useAnswers({ devices: async () => ({ devices: [] }) });
    openPair();
    setApp({ modelId: GUIDED.id });
    const page = show(<EnhanceView />);
    expect(page.container.querySelector('[data-model-state]')).toBeNull();
    expect(page.container.querySelector(`[data-model="${CANDIDATE.id}"]`)?.textContent).toContain(
      'CANDIDATE',
    );
    const select = screen.getByLabelText<HTMLSelectElement>('Model');
    expect([...select.options].map(({ textContent }) => textContent)).toEqual([
      expect.not.stringContaining('CANDIDATE'),
      expect.stringContaining('ours-x2 · CANDIDATE'),
    ]);
    fireEvent.change(select, { target: { value: CANDIDATE.id } });
    expect(page.container.querySelector('[data-model-state="candidate"]')?.textContent).toContain(
      'marked CANDIDATE, on the screen and in every file',
    );
    expect(page.container.querySelector('.model-card')?.textContent).toContain('no one has accepted it here');
  });

  it('is told of what it made: in the outcome, before the export, in the history and in the list of jobs', () => {
    useAnswers({ devices: async () => ({ devices: [] }) });
    openPair();
    setApp({ enhanced: made('candidate') });
    const { container } = show(
      <>
        <EnhanceView />
        <ExportView />
        <EnhancementItem
          made={{
            ...{
              id: 'e',
              studyUid: '1',
              targetUid: T2.uid,
              target: 'T2',
              referenceUid: null,
              reference: null,
            },
            ...{ model: 'ours-x2', modelVersion: '1.0.0', modelState: 'candidate', scale: 2, device: 'cpu' },
            ...{
              verdict: 'none',
              madeAtMs: 0,
              seconds: 1,
              stored: true,
              bytes: 1,
              removed: null,
              exports: [],
            },
          }}
        />
        <JobItem
          job={makeJob({
            ...{ id: 'j', state: 'waiting' },
            order: enhancing('ours-x2'),
          })}
        />
      </>,
    );
    expect(container.querySelector('[data-outcome]')?.textContent).toContain(text.enhance.states.candidate);
    expect(container.querySelector('[data-mark="CANDIDATE"]')).not.toBeNull();
    expect(container.querySelector('[data-enhancement]')?.textContent).toContain('ours-x2 1.0.0 · CANDIDATE');
    expect(container.querySelector('[data-queued="j"]')?.textContent).toContain('CANDIDATE');
  });

  it('is what any package is that is not on the list of models', () => {
    expect(stateOfModel([GUIDED], '/somewhere/else')).toBe('candidate');
    expect(stateOfModel([GUIDED], GUIDED.path)).toBe('shipped');
    expect(stateOfModel([], GUIDED.id)).toBeUndefined();
    openPair();
    const subject = {
      ...{ studyUid: STUDY.uid, study: '', targetUid: T2.uid, target: '' },
      ...{ referenceUid: T1.uid, reference: '' },
    };
    const job = makeJob({
      ...{ id: 'j', state: 'running', subject },
      progress: { stage: 'enhancing', done: 1, total: 3 },
      order: enhancing('/tmp/new-model'),
    });
    setQueue({ jobs: [job] });
    expect(
      computingOf([job], { studyUid: STUDY.uid, targetUid: T2.uid, referenceUid: T1.uid }),
    ).toMatchObject({ model: 'new-model', modelState: 'candidate' });
  });
});
