import { MantineProvider } from '@mantine/core';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, vi } from 'vitest';
import type { QueuedJob } from '../../src/core/contract/jobs.ts';
import { type OperationName, operations, type Result } from '../../src/core/contract/operations.ts';
import type { SeriesSummary, StudySummary } from '../../src/core/contract/schemas.ts';
import type { CallOptions } from '../../src/core/contract/workstation.ts';
import { TandemError } from '../../src/core/errors.ts';
import { INITIAL_ALIGN, useAlign } from '../../src/renderer/state/align.ts';
import { INITIAL_QUEUE, useQueue } from '../../src/renderer/state/queue.ts';
import { setWorkstation } from '../../src/renderer/state/session.ts';
import { DEFAULT_SETTINGS, useSettings } from '../../src/renderer/state/settings.ts';
import { INITIAL_STATE, type ModelSummary, useApp } from '../../src/renderer/state/store.ts';
import { INITIAL_VIEW, useView } from '../../src/renderer/state/view.ts';
import type { WindowWorkstation } from '../../src/renderer/state/workstation.ts';
import { theme } from '../../src/renderer/theme.ts';
import { type Answers, queueOver } from './queueOver.ts';

/** What jsdom lacks and Mantine asks for. */
window.matchMedia = ((query: string) => ({
  matches: false,
  media: query,
  onchange: null,
  addEventListener: () => {},
  removeEventListener: () => {},
  addListener: () => {},
  removeListener: () => {},
  dispatchEvent: () => false,
})) as typeof window.matchMedia;
window.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

afterEach(() => {
  cleanup();
  useApp.setState(INITIAL_STATE, true);
  useView.setState(INITIAL_VIEW, true);
  useAlign.setState(INITIAL_ALIGN, true);
  useQueue.setState(INITIAL_QUEUE, true);
  useSettings.setState(DEFAULT_SETTINGS, true);
  window.localStorage.clear();
});

export function show(content: ReactNode): ReturnType<typeof render> {
  return render(
    <MantineProvider theme={theme} forceColorScheme="dark" withCssVariables={false} withGlobalClasses={false}>
      {content}
    </MantineProvider>,
  );
}

/** What every window asks in passing: an empty library, no jobs, nothing remembered. */
const IN_PASSING: Answers = {
  librarySearch: async () => ({
    total: 0,
    all: 0,
    studies: [],
    setAside: null,
    storage: { usedBytes: 0, limitBytes: 1e9 },
  }),
  libraryAdd: async () => ({ studies: [] }),
  recallOfStudy: async () => ({ measurements: null }),
  libraryStudy: async () => {
    throw new TandemError('not-found', 'The library of the test is empty');
  },
};

/**
 * A workstation that answers as the test says, and notes what it was asked; of what is asked in passing only what
 * the test answers itself.
 */
export function useAnswers(given: Answers): { calls: { name: OperationName; request: unknown }[] } {
  const answers = queueOver(given);
  const calls: { name: OperationName; request: unknown }[] = [];
  const workstation: WindowWorkstation = {
    shell: 'browser',
    onStatus: () => () => {},
    reconnect: vi.fn(),
    pickFolder: undefined,
    pickFile: undefined,
    acceptDrop: async () => [],
    handOver: async () => '/handed',
    call: async (name, request, options = {}) => {
      if (answers[name] !== undefined || IN_PASSING[name] === undefined) calls.push({ name, request });
      const answer = (answers[name] ?? IN_PASSING[name]) as
        | ((asked: unknown, how: CallOptions) => Promise<unknown>)
        | undefined;
      if (answer === undefined) throw new TandemError('usage', `The test has no answer to ${name}`);
      return (await answer(request, options)) as never;
    },
  };
  setWorkstation(workstation);
  useApp.setState({ connection: 'ready' });
  return { calls };
}

/** A job of the queue that enhances T2 with the help of T1. */
export function makeJob(change: Partial<QueuedJob> & { id: string }): QueuedJob {
  return {
    order: {
      kind: 'enhance',
      request: operations.enhance.request.parse({
        target: { paths: ['/data/study'], series: '1.6' },
        scale: 2,
        model: 'srcnn-guided-x2',
      }),
    },
    subject: null,
    tuned: null,
    state: 'waiting',
    place: null,
    cancelling: false,
    progress: null,
    error: null,
    result: null,
    resultId: 'r1',
    stored: false,
    attempt: 1,
    submittedAtMs: 0,
    startedAtMs: null,
    endedAtMs: null,
    ...change,
  };
}

export function makeSeries(change: Partial<SeriesSummary> & { uid: string }): SeriesSummary {
  return {
    number: 6,
    description: 'T2 TSE axial',
    modality: 'MR',
    format: 'dicom',
    size: [384, 512, 55],
    spacingMm: [0.43, 0.43, 3],
    orientation: 'axial',
    contrast: { name: 't2', why: 'TE 96 ms and TR 5000 ms' },
    warnings: [],
    path: `/data/study/${change.uid}`,
    ...change,
  };
}

export const T2 = makeSeries({
  uid: '1.6',
  warnings: [
    {
      code: 'gap',
      message: '1 slice is missing between two that were acquired.',
      afterSlice: 30,
      positionMm: 12.5,
    },
  ],
});
export const T1 = makeSeries({
  uid: '1.5',
  number: 5,
  description: 'T1 MPRAGE',
  contrast: { name: 't1', why: 'TE 2.9 ms' },
});

export const STUDY: StudySummary = {
  uid: '1',
  description: 'Head',
  date: '20240131',
  patientName: 'DOE^JANE',
  patientId: 'p1',
  series: [T2, T1],
  pairs: [
    {
      target: T2.uid,
      reference: T1.uid,
      score: 0.8,
      reasons: ['T1 is sharper through the slices'],
      warnings: [{ code: 'reference-coarser-than-target', message: '1.15 mm against 0.43 mm.' }],
    },
  ],
};

export function makeModel(change: Partial<ModelSummary> & { id: string }): ModelSummary {
  return {
    path: `/models/${change.id}`,
    network: 'srcnn',
    scale: 2,
    target: 't2',
    reference: null,
    version: '1.0.0',
    usesReference: false,
    parameters: 8000,
    intendedUse: 'Research use only',
    licence: 'Apache-2.0',
    weightsSha256: 'a'.repeat(64),
    standing: {
      state: 'shipped',
      isDefault: false,
      predecessor: null,
      parent: null,
      dataSha256: null,
      report: null,
      history: [],
    },
    unseenGain: null,
    details: {
      network: 'SRCNN',
      trainedOn: {
        target: ['t2'],
        reference: ['t1'],
        spacingMm: [0.2, 1],
        matrix: [152, 1100],
        sliceThicknessMm: [1, 4],
      },
      training: { patients: 3, scans: 5 },
      measured: [],
      robustness: [],
      performance: null,
      limits: [],
    },
    card: 'Measured: +3.1 dB.',
    ...change,
  };
}

export const GUIDED = makeModel({ id: 'srcnn-guided-x2', usesReference: true, reference: 't1' });
export const SINGLE = makeModel({ id: 'srcnn-x2' });
export const GUIDED4 = makeModel({ id: 'srcnn-guided-x4', usesReference: true, reference: 't1', scale: 4 });

export const ENHANCED: Result<'enhance'> = {
  id: 'e1',
  model: GUIDED.id,
  fallBacks: [],
  device: 'cpu',
  registration: {
    verdict: 'trusted',
    reasons: ['The mutual information rose'],
    miBefore: 0.312,
    miAfter: 0.524,
    rotationDeg: 5.02,
    translationMm: 7.1,
    overlap: 0.983,
  },
  output: {
    files: [],
    companions: [],
    folder: null,
    seriesUid: '2.25.1',
    size: [768, 1024, 55],
    spacingMm: [0.215, 0.215, 3],
    originLps: [0, 0, 0],
  },
  clipped: 3,
  tiled: false,
  workers: 2,
  estimatedMbPerWorker: 180,
  seconds: 12.3,
  peakMb: 611,
  validation: null,
  warnings: [],
};
