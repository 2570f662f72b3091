// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { RequestInput } from '../../../src/core/contract/operations.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { loadModels } from '../../../src/renderer/state/enhanceActions.ts';
import { useQueue } from '../../../src/renderer/state/queue.ts';
import { useApp } from '../../../src/renderer/state/store.ts';
import { changePair, openPath } from '../../../src/renderer/state/studyActions.ts';
import { ENHANCED, GUIDED, GUIDED4, makeModel, SINGLE, STUDY, show, T1, T2, useAnswers } from '../page.tsx';

// WebGL is not here; the viewer has its own tests in a real browser.
vi.mock('../../../src/renderer/viewer/Viewer.tsx', () => ({ default: () => <p>images</p> }));
const { App } = await import('../../../src/renderer/App.tsx');

const LIST = async () => ({
  studies: [STUDY],
  refused: [{ path: '/data/notes.txt', code: 'not-an-image', message: 'Neither DICOM nor NIfTI' }],
});
const MODELS = async () => ({ models: [SINGLE, GUIDED, GUIDED4], refused: [] });

/** Presses a button of the side panel of that name (the tasks above it have the same names). */
async function press(name: string): Promise<void> {
  const panel = await screen.findByRole('complementary', { name });
  fireEvent.click(within(panel).getByRole('button', { name }));
}

describe('a user', () => {
  it('always sees that it is for research use only, with and without a study, and over a dialog', async () => {
    useAnswers({ list: LIST, models: MODELS });
    show(<App />);
    expect(screen.getByText('Research use only — not for diagnosis')).toBeTruthy();
    await openPath('/data/study');
    await screen.findByText('Go on to the pair');
    expect(screen.getByText('Research use only — not for diagnosis')).toBeTruthy();
    fireEvent.keyDown(window, { key: '?' });
    await screen.findByRole('dialog');
    expect(screen.getByText('Research use only — not for diagnosis')).toBeTruthy();
  });

  it('types a path and sees studies, series, their warnings with position, and what was refused', async () => {
    const { calls } = useAnswers({ list: LIST });
    show(<App />);
    fireEvent.change(screen.getByLabelText('Folder or file'), { target: { value: ' /data/study ' } });
    fireEvent.click(screen.getByRole('button', { name: 'Open' }));
    expect(await screen.findByText('6 · T2 TSE axial')).toBeTruthy();
    expect(calls[0]?.request).toEqual({ paths: ['/data/study'] });
    const warning = screen.getByText('Missing slices').closest('li');
    expect(warning?.textContent).toContain('after slice 30, at 12.5 mm');
    expect(screen.getByText('1 file not readable')).toBeTruthy();
    expect(screen.getByText('/data/notes.txt')).toBeTruthy();
    expect(screen.getByText('TE 96 ms and TR 5000 ms')).toBeTruthy();
  });

  it('is told what is wrong with a broken folder, where, and what to do', async () => {
    useAnswers({
      list: async () => {
        throw new TandemError('nothing-readable', 'Nothing here can be read', {
          path: '/data/broken',
          hint: 'Choose another folder.',
        });
      },
    });
    show(<App />);
    await openPath('/data/broken');
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Nothing here can be read');
    expect(alert.textContent).toContain('/data/broken');
    expect(alert.textContent).toContain('Choose another folder.');
    expect(screen.getByLabelText('Folder or file')).toBeTruthy();
  });

  it('gets the best pair suggested with reasons and warnings, and may choose otherwise', async () => {
    useAnswers({ list: LIST });
    show(<App />);
    await openPath('/data/study');
    fireEvent.click(await screen.findByText('Go on to the pair'));
    expect(screen.getByText('T1 is sharper through the slices')).toBeTruthy();
    expect(screen.getByText('Reference is coarser than the target')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Swap target and reference' }));
    expect(useApp.getState()).toMatchObject({ targetUid: T1.uid, referenceUid: T2.uid });
    expect(screen.queryByText('T1 is sharper through the slices')).toBeNull();
    fireEvent.change(screen.getByLabelText('Reference'), { target: { value: '' } });
    expect(useApp.getState().referenceUid).toBeNull();
  });

  it('is offered the models of the scale, those made for the pair first', async () => {
    useAnswers({ list: LIST, models: MODELS });
    show(<App />);
    await loadModels();
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    const select = await screen.findByLabelText('Model');
    expect(within(select).getAllByRole('option')).toHaveLength(2);
    expect(useApp.getState().modelId).toBe(GUIDED.id);
    fireEvent.click(screen.getByLabelText('×4'));
    expect(useApp.getState().modelId).toBe(GUIDED4.id);
    expect(screen.getByText('Measured: +3.1 dB.')).toBeTruthy();
  });

  it('may choose a model from elsewhere, of which it is not known what it was made for', async () => {
    const imported = makeModel({
      ...{ id: 'imported', network: 'sanet', usesReference: true },
      ...{
        target: 'unknown',
        reference: 'unknown',
        details: { ...SINGLE.details, trainedOn: null, training: null },
      },
    });
    useAnswers({ list: LIST, models: async () => ({ models: [imported, SINGLE], refused: [] }) });
    show(<App />);
    await loadModels();
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    await screen.findByLabelText('Model');
    expect(useApp.getState().modelId).toBe(SINGLE.id);
    fireEvent.change(screen.getByLabelText('Model'), { target: { value: 'imported' } });
    expect(screen.getByText(/^What this model was trained on is not known/)).toBeTruthy();
    expect(screen.getByText('Contrast unknown ← Contrast unknown, ×2')).toBeTruthy();
  });

  it('may choose the devices that are here, and is not kept where none can be asked for', async () => {
    const device = (name: 'cuda' | 'dml', available: boolean) => ({
      ...{ device: name, name, available, reason: '' },
    });
    useAnswers({
      list: LIST,
      models: MODELS,
      devices: async () => ({ devices: [device('cuda', true), device('dml', false)] }),
    });
    const offered = async () =>
      within(await screen.findByLabelText('Device'))
        .getAllByRole('option')
        .map((option) => (option as HTMLOptionElement).value);
    const app = show(<App />);
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    await waitFor(async () => expect(await offered()).toEqual(['auto', 'cpu', 'webgpu', 'cuda']));
    app.unmount();

    useAnswers({ list: LIST, models: MODELS });
    useApp.setState({ devices: undefined });
    show(<App />);
    expect(await offered()).toEqual(['auto', 'cpu', 'webgpu']);
  });

  it('enhances with progress, and sees the verdict with its numbers', async () => {
    let finish: () => void = () => {};
    const { calls } = useAnswers({
      list: LIST,
      models: MODELS,
      enhance: async (_, { onProgress }) => {
        onProgress?.({ stage: 'enhancing', done: 12, total: 55, secondsLeft: 42.4 });
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return ENHANCED;
      },
    });
    show(<App />);
    await loadModels();
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    await press('Enhance');
    // On the screen that began it, and in the header of every one.
    expect(await screen.findAllByText('12 of 55', { exact: false })).toHaveLength(2);
    expect(screen.getByText('about 42 s left')).toBeTruthy();
    finish();
    expect(await screen.findByText('0.312 → 0.524')).toBeTruthy();
    expect(screen.getByText('5.02°')).toBeTruthy();
    expect(screen.getByText('98.3 %')).toBeTruthy();
    expect(calls.at(-1)?.name).toBe('jobsSubmit');
    expect(useQueue.getState().jobs[0]?.subject).toMatchObject({ targetUid: T2.uid, referenceUid: T1.uid });
    const { orders } = calls.at(-1)?.request as RequestInput<'jobsSubmit'>;
    expect(orders[0]?.order.request).toEqual({
      target: { paths: ['/data/study'], series: T2.uid },
      reference: { paths: ['/data/study'], series: T1.uid },
      scale: 2,
      model: GUIDED.id,
      device: 'auto',
      registration: 'rigid',
      acceptRegistration: false,
    });
    expect(useApp.getState().exportFolder).toBe('/data/study-enhanced-1.6-srcnn-guided-x2');
  });

  it('cancels, and is told that nothing was written', async () => {
    useAnswers({
      list: LIST,
      models: MODELS,
      enhance: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new TandemError('cancelled', 'Cancelled')));
        }),
    });
    show(<App />);
    await loadModels();
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    await press('Enhance');
    fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(await screen.findByText('Cancelled. Nothing was written.')).toBeTruthy();
    expect(useApp.getState().enhanced).toBeNull();
  });

  it('goes on to another pair while it enhances: the job goes on, and its result is not mistaken for the new pair’s', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    useAnswers({
      list: LIST,
      models: MODELS,
      enhance: (_, { signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () =>
            setTimeout(() => reject(new TandemError('cancelled', 'Cancelled')), 5),
          );
        });
      },
    });
    show(<App />);
    await loadModels();
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    await press('Enhance');
    act(() => changePair(T1.uid, T2.uid));
    // The job is the workstation's: it goes on in the queue.
    expect(signals[0]?.aborted).toBe(false);
    await press('Enhance');
    expect(signals).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // The end of the first does not end the second, which can still be cancelled.
    expect(useApp.getState().jobs.enhance?.status).toBe('running');
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(signals[1]?.aborted).toBe(true);
    expect(await screen.findByText('Cancelled. Nothing was written.')).toBeTruthy();
  });

  it('is asked before an untrusted registration is used', async () => {
    const enhance = vi.fn(async (request: { acceptRegistration?: boolean | undefined }) => {
      if (request.acceptRegistration === true) return ENHANCED;
      throw new TandemError('registration-untrusted', 'The motion found is 61°', { hint: 'Same patient?' });
    });
    useAnswers({ list: LIST, models: MODELS, enhance });
    show(<App />);
    await loadModels();
    await openPath('/data/study');
    useApp.setState({ task: 'enhance' });
    await press('Enhance');
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The motion found is 61°');
    expect(screen.getByRole('button', { name: 'Go on without registration' })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Accept and go on' }));
    expect(await screen.findByText('0.312 → 0.524')).toBeTruthy();
  });

  it('exports and is told where the files went', async () => {
    const files = Array.from({ length: 55 }, (_, n) => `/out/IM${n}.dcm`);
    const { calls } = useAnswers({
      list: LIST,
      models: MODELS,
      export: async () => ({ output: { ...ENHANCED.output, files, folder: '/out' }, clipped: 0, seconds: 1 }),
    });
    show(<App />);
    await openPath('/data/study');
    useApp.setState({
      task: 'export',
      enhanced: { result: ENHANCED, scale: 2, targetUid: T2.uid, referenceUid: T1.uid },
      exportFolder: '/out',
    });
    await press('Export');
    expect(await screen.findByText('55 files written')).toBeTruthy();
    expect(screen.getByText('/out')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Copy path' })).toBeTruthy();
    expect(calls).toContainEqual({ name: 'export', request: { id: 'e1', out: '/out', format: 'dicom' } });
  });

  it('is told when the workstation stops', async () => {
    useAnswers({});
    show(<App />);
    useApp.setState({ connection: 'stopped' });
    await waitFor(() =>
      expect(screen.getByRole('alert').textContent).toContain('The workstation has stopped'),
    );
    expect(screen.getByRole('button', { name: 'Try now' })).toBeTruthy();
  });

  it('browses the folders of the machine where the shell has no dialog', async () => {
    useAnswers({
      list: LIST,
      browse: async (request) =>
        request.path === '/data/study'
          ? {
              path: '/data/study',
              parent: '/data',
              folders: [],
              files: [{ name: 'a', path: '/data/study/a' }],
            }
          : { path: '/data', parent: null, folders: [{ name: 'study', path: '/data/study' }], files: [] },
    });
    show(<App />);
    fireEvent.click(screen.getByRole('button', { name: 'Browse…' }));
    fireEvent.click(await screen.findByRole('button', { name: 'study' }));
    expect(await screen.findByText('1 file to choose from')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Choose this folder' }));
    expect(await screen.findByText('6 · T2 TSE axial')).toBeTruthy();
  });
});
