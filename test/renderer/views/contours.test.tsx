// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { forgetOutlines } from '../../../src/renderer/state/contourActions.ts';
import { INITIAL_CONTOURS, setContours, useContours } from '../../../src/renderer/state/contours.ts';
import { beginStroke, endStroke, measureCorrections } from '../../../src/renderer/state/correcting.ts';
import { undo } from '../../../src/renderer/state/history.ts';
import { cancelJob } from '../../../src/renderer/state/session.ts';
import { setView, useView } from '../../../src/renderer/state/view.ts';
import { ContourSection } from '../../../src/renderer/views/review/contours/ContourSection.tsx';
import { LoseCorrections } from '../../../src/renderer/views/review/contours/LoseCorrections.tsx';
import { compareResult, contourAnswers, openPair, SEGMENTER, segmentResult } from '../contourAnswers.ts';
import { useAnswers as answerAs, show, T2 } from '../page.tsx';

/** The section as one finds it: open. */
function open(change: Parameters<typeof contourAnswers>[0] = {}) {
  const answers = answerAs(contourAnswers(change));
  openPair();
  const shown = show(
    <>
      <ContourSection />
      <LoseCorrections />
    </>,
  );
  const section = shown.container.querySelector('details')!;
  section.open = true;
  fireEvent(section, new Event('toggle'));
  return answers;
}

/** A dab of the brush in the first slice. */
function dab(x: number, image = `series-${T2.uid}`): void {
  const plane = { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, 1] } as const;
  setContours({ brushMm: 0.5 });
  beginStroke('brush', image, plane, [x, 4, 0]);
  endStroke();
}

async function find(): Promise<void> {
  fireEvent.click(await screen.findByRole('button', { name: 'Find the outline' }));
  await waitFor(() => expect(useContours.getState().compared).not.toBeNull());
}

beforeEach(() => {
  forgetOutlines();
  useContours.setState(INITIAL_CONTOURS, true);
});
afterEach(forgetOutlines);

describe('the section of the tumour preview', () => {
  it('asks for models once it is opened, and says what to do where there is none', async () => {
    let models: (typeof SEGMENTER)[] = [];
    const { calls } = answerAs(contourAnswers({ segmentationModels: async () => ({ models, refused: [] }) }));
    openPair();
    const { container } = show(<ContourSection />);
    expect(calls).toEqual([]);
    const section = container.querySelector('details')!;
    section.open = true;
    fireEvent(section, new Event('toggle'));
    expect(await screen.findByText(/tandem segment import/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Find the outline' })).toBeNull();
    models = [SEGMENTER];
    fireEvent.click(screen.getByRole('button', { name: 'Look again' }));
    expect(await screen.findByRole('button', { name: 'Find the outline' })).toBeTruthy();
    expect(screen.getByText(/Not for diagnosis/)).toBeTruthy();
  });

  it('tells what is known of a model, and that nobody stands for a candidate', async () => {
    open({
      segmentationModels: async () => ({
        models: [{ ...SEGMENTER, id: 'mine', state: 'candidate', dice: null }],
        refused: [{ path: '/models/broken', code: 'bad-model', message: 'Its weights are others' }],
      }),
    });
    expect(await screen.findByRole('option', { name: 'CANDIDATE mine' })).toBeTruthy();
    expect(screen.getByText(/nobody has accepted it/)).toBeTruthy();
    expect(screen.getByText('not measured')).toBeTruthy();
    expect(screen.getByText('Apache-2.0')).toBeTruthy();
    expect(screen.getByText('Its weights are others')).toBeTruthy();
  });

  it('takes nothing found for an answer, and tells each warning once with its images', async () => {
    const all = { code: 'contrast-missing', message: 'The model did without T1.' };
    const one = { code: 'outside-model-envelope', message: 'The series looks like T2.' };
    open({
      segment: async ({ image }) =>
        image.kind === 'series'
          ? segmentResult('acquired', {
              nothingFound: true,
              highestProbability: 0.31,
              parts: [],
              labels: [{ value: 1, name: 'Whole tumour', ml: 0, parts: 0, confidence: null }],
              warnings: [all, one],
            })
          : segmentResult(`${image.kind} ${image.id}`, { warnings: [all] }),
    });
    await find();
    expect(screen.getByText('Nothing found. The highest probability anywhere is 0.31.')).toBeTruthy();
    const warnings = within(screen.getByRole('list', { name: 'What to know' })).getAllByRole('listitem');
    expect(warnings.map(({ textContent }) => textContent)).toEqual([
      'The model did without T1.',
      'Acquired: The series looks like T2.',
    ]);
  });

  it('tells Dice on unseen patients and on those that weights were chosen on apart', async () => {
    open({
      segmentationModels: async () => ({
        models: [
          { ...SEGMENTER, dice: 0.81, chosenDice: 0.86 },
          { ...SEGMENTER, id: 'swin-unet', dice: null, chosenDice: 0.87 },
        ],
        refused: [],
      }),
    });
    await screen.findByRole('option', { name: 'attention-unet · Dice 0.810' });
    expect(screen.getByRole('option', { name: 'swin-unet · Dice 0.870, chosen on them' })).toBeTruthy();
    const fact = (name: string) => screen.getByText(name).parentElement?.querySelector('dd')?.textContent;
    fireEvent.change(screen.getByRole('combobox', { name: 'Segmentation model' }), {
      target: { value: 'swin-unet' },
    });
    expect(fact('Dice, unseen patients')).toBe('not measured');
    expect(fact('Dice, patients that its weights were chosen on')).toBe('0.870');
    fireEvent.change(screen.getByRole('combobox', { name: 'Segmentation model' }), {
      target: { value: 'attention-unet' },
    });
    expect(fact('Dice, unseen patients')).toBe('0.810');
    expect(fact('Dice, patients that its weights were chosen on')).toBe('0.860');
  });

  it('does not say that nothing was found where the reader drew something, nor what it was before', async () => {
    open({
      segment: async ({ image }) =>
        segmentResult(image.kind, {
          nothingFound: true,
          highestProbability: 0.31,
          parts: [],
          labels: [{ value: 1, name: 'Whole tumour', ml: 0, parts: 0, confidence: null }],
        }),
    });
    await find();
    const acquired = () => document.querySelector<HTMLElement>('[data-found-in="target"]')!.textContent;
    expect(acquired()).toMatch(/^Acquired: 0 partsNothing found/);
    act(() => dab(4));
    expect(acquired()).not.toMatch(/Nothing found/);
    expect(acquired()).toMatch(/^Acquired, corrected: measuring …The model found nothing: .* 0\.31/);
    await act(measureCorrections);
    expect(acquired()).toMatch(/^Acquired, corrected: 1 part/);
    expect(acquired()).toMatch(/1\.00 ml added/);
    // Of the stroke after it nothing is known yet.
    act(() => dab(5));
    expect(acquired()).toMatch(/^Acquired, corrected: measuring …/);
    expect(acquired()).not.toMatch(/ml added/);
  });

  it('draws the curve of what is there now alone', async () => {
    open();
    await find();
    const curves = () =>
      [...document.querySelectorAll('[data-curve]')].map((one) => one.getAttribute('data-curve'));
    const all = ['zero-filled-e1', 'enhanced-e1'];
    expect(curves()).toEqual(all);
    act(() => dab(4, 'enhanced-e1'));
    expect(curves()).toEqual(all.slice(0, 1));
    act(undo);
    expect(curves()).toEqual(all);
    // Against an outline that is another one now nothing is known.
    act(() => dab(4));
    expect(curves()).toEqual([]);
    await act(measureCorrections);
    expect(curves()).toEqual(all);
  });

  it('says what stays where writing was cancelled after the first outline', async () => {
    const written: string[] = [];
    open({
      segmentationExport: ({ out }, { signal } = {}) => {
        written.push(out);
        if (written.length === 1) {
          return Promise.resolve({
            output: { folder: out, files: [`${out}/segmentation.dcm`] },
            validation: null,
            seconds: 1,
            warnings: [],
          });
        }
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(new TandemError('cancelled', 'Cancelled')));
        });
      },
    });
    await find();
    act(() => setContours({ exportFolder: '/out' }));
    fireEvent.click(screen.getByRole('button', { name: 'Write' }));
    await waitFor(() => expect(written).toHaveLength(2));
    act(() => cancelJob('segmentExport'));
    expect(await screen.findByText(/written before that, and stays/)).toBeTruthy();
    expect(screen.queryByText(/Nothing was left behind/)).toBeNull();
    expect(document.querySelectorAll('[data-written-outline]')).toHaveLength(1);
    // Cancelled at the first, there is nothing.
    written.length = 1;
    fireEvent.click(screen.getByRole('button', { name: 'Write' }));
    await waitFor(() => expect(written).toHaveLength(2));
    act(() => cancelJob('segmentExport'));
    expect(await screen.findByText(/Nothing was left behind/)).toBeTruthy();
  });

  it('offers to go on with an alignment that is not to be trusted', async () => {
    const { calls } = open({
      segment: async ({ image, acceptRegistration }) => {
        if (acceptRegistration !== true) throw new TandemError('registration-untrusted', 'Moved by 40 mm');
        return segmentResult(image.kind);
      },
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Find the outline' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Go on all the same' }));
    await waitFor(() => expect(useContours.getState().outlines).toHaveLength(3));
    expect(calls.filter(({ name }) => name === 'segment')).toHaveLength(4);
  });

  it('goes from slice to slice on the curve, and to a part, where the view is in its plane', async () => {
    open({ segmentationCompare: async (request) => compareResult(request) });
    setView({ focusLps: [1, 2, 0] });
    await find();
    const curve = screen.getByRole('slider', { name: 'Dice, slice by slice' });
    expect(curve.getAttribute('aria-valuetext')).toBe('Slice 1 of 2, Zero-filled ×2 0.50, Enhanced ×2 0.50');
    fireEvent.keyDown(curve, { key: 'ArrowRight' });
    expect(useView.getState().focusLps).toEqual([1, 2, 10]);
    expect(curve.getAttribute('aria-valuetext')).toBe('Slice 2 of 2, Zero-filled ×2 none, Enhanced ×2 none');
    fireEvent.keyDown(curve, { key: 'ArrowRight' });
    expect(useView.getState().focusLps).toEqual([1, 2, 10]);
    fireEvent.click(screen.getByRole('button', { name: /^Acquired, part 1/ }));
    expect(useView.getState().focusLps).toEqual([1, 2, 0]);
  });

  it('looks only where it is told to', async () => {
    const { calls } = open();
    fireEvent.click(await screen.findByRole('checkbox', { name: 'Zero-filled ×2' }));
    await find();
    expect(useContours.getState().outlines.map(({ kind }) => kind)).toEqual(['target', 'enhanced']);
    expect(calls.filter(({ name }) => name === 'segment')).toHaveLength(2);
    for (const name of ['Acquired', 'Enhanced ×2']) {
      fireEvent.click(screen.getByRole('checkbox', { name }));
    }
    expect(screen.getByRole('button', { name: 'Find it again' })).toHaveProperty('disabled', true);
  });
});
