// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '../../../src/core/contract/operations.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { keysOf } from '../../../src/renderer/state/findActions.ts';
import { INITIAL_PACS, NO_SEARCH, setPacs, usePacs } from '../../../src/renderer/state/pacsStore.ts';
import { PacsSheet } from '../../../src/renderer/views/pacs/PacsSheet.tsx';
import { STUDY, show, useAnswers as withAnswers } from '../page.tsx';

const ARCHIVE: Result<'pacsDestinations'> = {
  destinations: [
    {
      ...{ kind: 'dimse', name: 'Archive', host: 'localhost', port: 104 },
      ...{ calledAeTitle: 'ARCHIVE', callingAeTitle: 'TANDEM', timeoutSeconds: 30 },
    },
  ],
  file: '',
  receivedFolder: '/data/received',
};
const study = { StudyInstanceUID: '1.2', PatientName: 'DOE^JANE', NumberOfStudyRelatedInstances: '30' };
const series = [
  {
    SeriesInstanceUID: '1.2.2',
    SeriesNumber: '12',
    SeriesDescription: 'T1',
    NumberOfSeriesRelatedInstances: '20',
  },
  {
    SeriesInstanceUID: '1.2.1',
    SeriesNumber: '5',
    SeriesDescription: 'T2',
    NumberOfSeriesRelatedInstances: '10',
  },
  {
    SeriesInstanceUID: '1.2.3',
    SeriesNumber: '20',
    SeriesDescription: 'PD',
    NumberOfSeriesRelatedInstances: '4',
  },
];
const got = (change: Partial<Result<'pacsGet'>> = {}): Result<'pacsGet'> => ({
  ...{
    folder: '/data/received/1.2',
    received: 10,
    present: 0,
    failed: [],
    attempts: 1,
    bytes: 1,
    seconds: 1,
  },
  ...change,
});

type Answers = Parameters<typeof withAnswers>[0];

/** The sheet on its first page, with one study found and chosen. */
async function chosenStudy(answers: Answers, limited = false): Promise<ReturnType<typeof withAnswers>> {
  const asked = withAnswers({
    pacsDestinations: async () => ARCHIVE,
    pacsFind: async ({ level }) => ({
      matches: level === 'study' ? [study] : series,
      limited,
      seconds: 0.1,
    }),
    ...answers,
  });
  setPacs({ page: 'find' });
  show(<PacsSheet />);
  fireEvent.click(await screen.findByRole('button', { name: 'Search' }));
  fireEvent.click(await screen.findByRole('button', { name: 'DOE JANE' }));
  await screen.findByRole('button', { name: 'Fetch 3 series' });
  return asked;
}

afterEach(() => usePacs.setState(INITIAL_PACS, true));

describe('a search', () => {
  it('matches names from their beginning, descriptions anywhere, ranges open at either end', () => {
    const draft = { ...NO_SEARCH, patientName: ' Doe ', description: 'head', from: '2026-01-02' };
    expect(keysOf(draft)).toEqual({
      PatientName: 'Doe*',
      StudyDescription: '*head*',
      StudyDate: '20260102-',
      ModalitiesInStudy: 'MR',
    });
    const exact = { ...NO_SEARCH, patientName: 'D?E', modality: '', from: '2026-01-02', to: '2026-01-02' };
    expect(keysOf(exact)).toEqual({ PatientName: 'D?E', StudyDate: '20260102' });
    expect(keysOf({ ...NO_SEARCH, to: '2026-01-02' })).toMatchObject({ StudyDate: '-20260102' });
    expect(keysOf({ ...NO_SEARCH, modality: '' })).toEqual({});
  });

  it('says that there are more than are shown', async () => {
    await chosenStudy({}, true);
    expect(screen.getByText(/There are more than 200/)).toBeTruthy();
  });

  it('that is refused says why and what to do, and shows nothing of the one before', async () => {
    let refuse = false;
    await chosenStudy({
      pacsFind: async ({ level }) => {
        if (refuse) throw new TandemError('refused-by-peer', 'It does not let you in', { hint: 'Ask them.' });
        return { matches: level === 'study' ? [study] : series, limited: false, seconds: 0 };
      },
    });
    refuse = true;
    fireEvent.click(screen.getByRole('button', { name: 'Search' }));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('It does not let you in');
    expect(alert.textContent).toContain('Ask them.');
    expect(screen.queryByRole('button', { name: 'DOE JANE' })).toBeNull();
    expect(screen.queryByRole('button', { name: /Fetch/ })).toBeNull();
  });
});

describe('fetching', () => {
  it('asks for the chosen series one by one, in their order, with the sum of their progress, and opens them', async () => {
    const release: (() => void)[] = [];
    const { calls } = await chosenStudy({
      pacsGet: async (_, { onProgress }) => {
        onProgress?.({ stage: 'receiving', done: 3, total: 99 });
        await new Promise<void>((resolve) => release.push(resolve));
        return got();
      },
      list: async () => ({ studies: [STUDY], refused: [] }),
    });
    const rows = within(screen.getByRole('region', { name: 'Series of the chosen study' }));
    expect(rows.getAllByRole('rowheader').map((row) => row.textContent)).toEqual(['T2', 'T1', 'PD']);
    fireEvent.click(rows.getByRole('checkbox', { name: '20 · PD' }));
    fireEvent.click(screen.getByRole('button', { name: 'Fetch 2 series' }));
    await screen.findByText('3 of 30');
    release[0]?.();
    await screen.findByText('13 of 30');
    await waitFor(() => expect(release).toHaveLength(2));
    release[1]?.();
    await waitFor(() => expect(usePacs.getState().page).toBeNull());
    const gets = calls.filter(({ name }) => name === 'pacsGet').map(({ request }) => request);
    const common = { peer: 'Archive', studyUid: '1.2', out: '/data/received/1.2', method: 'get' };
    expect(gets).toMatchObject([
      { ...common, seriesUid: '1.2.1' },
      { ...common, seriesUid: '1.2.2' },
    ]);
    expect(calls).toContainEqual({ name: 'list', request: { paths: ['/data/received/1.2'] } });
  });

  it('asks for the study as a whole where every series is chosen', async () => {
    const { calls } = await chosenStudy({
      pacsGet: async () => got({ failed: [{ code: 'refused-by-peer', message: 'It was not sent' }] }),
    });
    fireEvent.click(screen.getByRole('button', { name: 'Fetch 3 series' }));
    expect(await screen.findByText('It was not sent')).toBeTruthy();
    expect(screen.getByText('1 object did not come')).toBeTruthy();
    expect(calls.filter(({ name }) => name === 'pacsGet')).toHaveLength(1);
    // What is not whole is not opened by itself.
    expect(calls.filter(({ name }) => name === 'list')).toEqual([]);
  });

  it('is cancelled, and no further series is asked for', async () => {
    const { calls } = await chosenStudy({
      pacsGet: (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(new TandemError('cancelled', 'Cancelled'))),
        ),
    });
    fireEvent.click(screen.getByRole('checkbox', { name: '20 · PD' }));
    fireEvent.click(screen.getByRole('button', { name: 'Fetch 2 series' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(await screen.findByText(/Cancelled. What came is kept/)).toBeTruthy();
    expect(calls.filter(({ name }) => name === 'pacsGet')).toHaveLength(1);
  });
});

describe('receiving', () => {
  it('is off until it is switched on, tells who was turned away, and ends with what came', async () => {
    let told: ((done: number, message: string) => void) | undefined;
    const { calls } = withAnswers({
      pacsDestinations: async () => ARCHIVE,
      list: async () => ({ studies: [], refused: [] }),
      pacsReceive: (_, { signal, onProgress }) =>
        new Promise((resolve) => {
          told = (done, message) => onProgress?.({ stage: 'receiving', done, total: 0, message });
          onProgress?.({ stage: 'listening', done: 0, total: 0, message: 'listening' });
          const ended = { folder: '/f', port: 11_112, received: 2, repeated: 0, failed: [] };
          signal?.addEventListener('abort', () =>
            resolve({ ...ended, associations: 1, rejected: 1, bytes: 1, seconds: 1 }),
          );
        }),
    });
    setPacs({ page: 'receive' });
    show(<PacsSheet />);
    expect(await screen.findByText('Off. Nothing listens.')).toBeTruthy();
    expect(calls.some(({ name }) => name === 'pacsReceive')).toBe(false);
    fireEvent.change(screen.getByLabelText('AE titles that may send, with commas'), {
      target: { value: 'SCANNER, PACS' },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Start receiving' }));
    await screen.findByText('On: TANDEM listens on port 11112 of all network addresses.');
    expect(calls.find(({ name }) => name === 'pacsReceive')?.request).toMatchObject({
      out: '/data/received/inbox',
      port: 11_112,
      allow: ['SCANNER', 'PACS'],
    });
    told?.(0, 'STRANGER was turned away');
    told?.(1, 'from SCANNER');
    told?.(2, 'from SCANNER');
    expect(await screen.findByText('2 objects arrived.')).toBeTruthy();
    expect(screen.getAllByText('from SCANNER')).toHaveLength(1);
    expect(screen.getByText('STRANGER was turned away')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Stop receiving' }));
    expect(
      await screen.findByText(/Off again: 2 objects received by 1 association, 1 turned away/),
    ).toBeTruthy();
  });
});
