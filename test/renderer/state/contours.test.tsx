// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { COMMANDS, isPossible } from '../../../src/renderer/commands/index.ts';
import { contoursCsv } from '../../../src/renderer/measure/contoursCsv.ts';
import { setAlign } from '../../../src/renderer/state/align.ts';
import {
  chosenSegmentationModel,
  compareOutlines,
  findOutlines,
  forgetOutlines,
  loadSegmentationModels,
  ofAll,
  setContourLabel,
  setTruth,
} from '../../../src/renderer/state/contourActions.ts';
import { exportOutlines, folderName } from '../../../src/renderer/state/contourExport.ts';
import { imageChoices } from '../../../src/renderer/state/contourImages.ts';
import { contourRows } from '../../../src/renderer/state/contourRows.ts';
import {
  hasUnsavedCorrections,
  INITIAL_CONTOURS,
  outlineOf,
  setContours,
  setOutline,
  useContours,
} from '../../../src/renderer/state/contours.ts';
import { contourVoxels } from '../../../src/renderer/state/contourVoxels.ts';
import {
  backToFound,
  beginStroke,
  endStroke,
  isDrawing,
  measureCorrections,
  setBrushMm,
  strokeTo,
} from '../../../src/renderer/state/correcting.ts';
import { clearHistory, redo, undo, useHistory } from '../../../src/renderer/state/history.ts';
import { wouldLoseWork } from '../../../src/renderer/state/leaving.ts';
import { useApp } from '../../../src/renderer/state/store.ts';
import { changePair, closeStudies, keepOpenStudies } from '../../../src/renderer/state/studyActions.ts';
import { useUnsaved } from '../../../src/renderer/state/unsaved.ts';
import { setView } from '../../../src/renderer/state/view.ts';
import { drawnOutlines } from '../../../src/renderer/viewer/drawnOutlines.ts';
import {
  compareResult,
  contourAnswers,
  foundLabels,
  openPair,
  SEGMENTER,
  segmentResult,
} from '../contourAnswers.ts';
import { useAnswers as answerAs, STUDY, T1, T2 } from '../page.tsx';

const ACQUIRED = `series-${T2.uid}`;
const AXIAL = { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, 1] } as const;
const CORONAL = { right: [1, 0, 0], down: [0, 0, -1], normal: [0, 1, 0] } as const;

const calledWith = (calls: readonly { name: string; request: unknown }[], name: string) =>
  calls.filter((call) => call.name === name).map(({ request }) => request as Record<string, unknown>);

/** The three images of the pair with an outline each. */
async function found(change: Parameters<typeof contourAnswers>[0] = {}) {
  const answers = answerAs(contourAnswers(change));
  openPair();
  await loadSegmentationModels();
  await findOutlines();
  return answers;
}

/** A dab of the brush on the acquired image. */
function dab(x: number, y: number, tool: 'brush' | 'eraser' = 'brush', z = 0): void {
  beginStroke(tool, ACQUIRED, AXIAL, [x, y, z]);
  endStroke();
}

beforeEach(() => {
  forgetOutlines();
  useContours.setState(INITIAL_CONTOURS, true);
  clearHistory();
  setBrushMm(0.5);
});

afterEach(() => {
  vi.useRealTimers();
  useUnsaved.getState().answer?.(false);
  forgetOutlines();
});

describe('looking for outlines', () => {
  it('goes through the acquired, the zero-filled and the enhanced image, and compares what was found', async () => {
    const { calls } = await found();
    const asked = calledWith(calls, 'segment');
    expect(asked.map(({ image }) => (image as { kind: string }).kind)).toEqual([
      'series',
      'zero-filled',
      'enhanced',
    ]);
    expect(useContours.getState().outlines.map(({ name }) => name)).toEqual([
      'Acquired',
      'Zero-filled ×2',
      'Enhanced ×2',
    ]);
    expect(calledWith(calls, 'segmentationCompare')).toEqual([
      { segmentations: ['acquired', 'zero-filled e1', 'enhanced e1'] },
    ]);
    expect(useContours.getState().compared?.result.agreements).toHaveLength(3);
  });

  it('gives the reference where the reader left it; an enhanced image brings its own', async () => {
    const matrix = [
      [1, 0, 0, 4],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    const { calls } = answerAs(contourAnswers());
    openPair();
    setAlign({
      accepted: true,
      position: {
        motion: { rotationDeg: [0, 0, 0], translationMm: [0, 0, 0] },
        by: 'hand',
        verdict: { matrix, centreLps: [0, 0, 0] } as never,
      },
    });
    await loadSegmentationModels();
    await findOutlines();
    const [acquired, zeroFilled, enhanced] = calledWith(calls, 'segment');
    expect(acquired).toMatchObject({
      reference: { paths: ['/data/study'], series: T1.uid },
      alignment: { matrix, by: 'manual' },
      acceptRegistration: true,
    });
    for (const own of [zeroFilled, enhanced]) {
      expect(own).not.toHaveProperty('reference');
      expect(own).not.toHaveProperty('alignment');
      expect(own).toHaveProperty('acceptRegistration', true);
    }
  });

  it('gives the pair’s reference to an enhanced image that was made without one', async () => {
    const { calls } = answerAs(contourAnswers());
    openPair(null);
    await loadSegmentationModels();
    await findOutlines();
    for (const request of calledWith(calls, 'segment')) {
      expect(request).toHaveProperty('reference.series', T1.uid);
    }
  });

  it('gives none where the reader leaves it out, or the model sees one contrast', async () => {
    const { calls } = answerAs(contourAnswers());
    openPair();
    await loadSegmentationModels();
    setContours({ withReference: false });
    await findOutlines();
    setContours({
      withReference: true,
      models: [{ ...SEGMENTER, contrasts: SEGMENTER.contrasts.slice(0, 1) }],
    });
    await findOutlines();
    const asked = calledWith(calls, 'segment');
    expect(asked).toHaveLength(6);
    for (const request of asked) expect(request).not.toHaveProperty('reference');
  });

  it('keeps what was found before an error, and says at which image it stopped', async () => {
    await found({
      segment: async ({ image }) => {
        if (image.kind === 'enhanced') throw new TandemError('out-of-memory', 'Too large');
        return segmentResult(image.kind);
      },
    });
    const { outlines, stoppedAt, compared } = useContours.getState();
    expect(outlines.map(({ name }) => name)).toEqual(['Acquired', 'Zero-filled ×2']);
    expect(stoppedAt).toBe('Enhanced ×2');
    expect(useApp.getState().jobs.segment?.error?.code).toBe('out-of-memory');
    expect(compared?.result.volumes).toHaveLength(2);
  });

  it('forgets outlines with their pair', async () => {
    await found();
    changePair(T1.uid, T2.uid);
    expect(useContours.getState().outlines).toEqual([]);
    expect(contourVoxels(ACQUIRED)).toBeUndefined();
  });

  it('tells the time for the images that are still to come, once one was seen', () => {
    const place = { at: 0, total: 3, name: 'Acquired', beforeSeconds: 0 };
    const now = { stage: 'segmenting', done: 4, total: 10, secondsLeft: 6 };
    expect(ofAll(now, place)).not.toHaveProperty('secondsLeft');
    expect(ofAll(now, { ...place, at: 1, beforeSeconds: 12 }).secondsLeft).toBe(18);
    expect(ofAll(now, { ...place, at: 2, beforeSeconds: 20 }).secondsLeft).toBe(6);
    expect(ofAll(now, place).message).toBe('Image 1 of 3: Acquired');
  });

  it('begins with a model that ships, the best on unseen patients', () => {
    const candidate = { ...SEGMENTER, id: 'mine', state: 'candidate', dice: 0.99 } as const;
    const better = { ...SEGMENTER, id: 'swin-unet', dice: 0.86 };
    expect(chosenSegmentationModel([candidate, SEGMENTER, better], null)?.id).toBe('swin-unet');
    expect(chosenSegmentationModel([candidate, SEGMENTER], 'mine')?.id).toBe('mine');
    expect(chosenSegmentationModel([], null)).toBeUndefined();
    const chosenOn = (chosenDice: number, dice: number | null) => ({
      ...SEGMENTER,
      id: 'other',
      chosenDice,
      dice,
    });
    expect(chosenSegmentationModel([SEGMENTER, chosenOn(0.85, null)], null)?.id).toBe('other');
    // What is known of unseen patients counts, where it is known.
    expect(chosenSegmentationModel([SEGMENTER, chosenOn(0.99, 0.83)], null)?.id).toBe('attention-unet');
  });
});

describe('a search that goes on', () => {
  /** The answer to an image is held back until it is let go. */
  function held(kind: string) {
    let letGo = (): void => {};
    const answer = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const reached = vi.fn();
    const segment: NonNullable<Parameters<typeof contourAnswers>[0]>['segment'] = async ({ image }) => {
      if (image.kind === kind) {
        reached();
        await answer;
      }
      return segmentResult(image.kind === 'series' ? 'acquired' : `${image.kind} ${image.id}`);
    };
    return { segment, reached, letGo: () => letGo() };
  }

  it('takes no stroke, and says why: the outlines are about to go', async () => {
    await found();
    const { segment, reached, letGo } = held('series');
    answerAs(contourAnswers({ segment }));
    const before = contourVoxels(ACQUIRED)!.labels.slice();
    const searching = findOutlines();
    await vi.waitFor(() => expect(reached).toHaveBeenCalled());
    dab(4, 4);
    backToFound(ACQUIRED);
    expect(contourVoxels(ACQUIRED)?.labels).toEqual(before);
    expect(useContours.getState().brushNote).toMatch(/being looked for/);
    expect(useHistory.getState().done).toEqual([]);
    letGo();
    await searching;
    dab(4, 4);
    expect(outlineOf(ACQUIRED)?.isCorrected).toBe(true);
  });

  it('ends a stroke that was begun before it', async () => {
    await found();
    const { segment, reached, letGo } = held('series');
    answerAs(contourAnswers({ segment }));
    beginStroke('brush', ACQUIRED, AXIAL, [4, 2, 0]);
    const searching = findOutlines();
    await vi.waitFor(() => expect(reached).toHaveBeenCalled());
    const painted = contourVoxels(ACQUIRED)!.labels.slice();
    strokeTo([4, 4, 0]);
    expect(isDrawing()).toBe(false);
    expect(contourVoxels(ACQUIRED)?.labels).toEqual(painted);
    letGo();
    await searching;
  });

  it('leaves the outlines before it as they are now', async () => {
    const { segment, reached, letGo } = held('enhanced');
    answerAs(contourAnswers({ segment }));
    openPair();
    await loadSegmentationModels();
    const searching = findOutlines();
    await vi.waitFor(() => expect(reached).toHaveBeenCalled());
    setOutline(ACQUIRED, { revision: 7, isCorrected: true });
    letGo();
    await searching;
    expect(useContours.getState().outlines).toHaveLength(3);
    expect(outlineOf(ACQUIRED)).toMatchObject({ revision: 7, isCorrected: true });
  });
});

describe('outlines and what they are of', () => {
  it('marks images that a model made which nobody stands for, wherever they are named', async () => {
    answerAs(contourAnswers());
    openPair();
    const app = useApp.getState();
    const made = { scale: 2, model: 'mine', targetUid: T2.uid, referenceUid: null, madeAtMs: 0 } as const;
    useApp.setState({
      enhanced: { ...app.enhanced!, result: { ...app.enhanced!.result, modelState: 'candidate' } },
      results: [
        { ...made, id: 'r2', modelState: 'retired' },
        { ...made, id: 'r3', model: 'srcnn', modelState: 'shipped' },
      ],
    });
    const names = imageChoices(useApp.getState()).map(({ name }) => name);
    expect(names).toEqual([
      'Acquired',
      'Zero-filled ×2',
      'Enhanced ×2 · CANDIDATE',
      'Enhanced ×2 · mine · RETIRED',
      'Enhanced ×2 · srcnn',
    ]);
    expect(folderName(names[2]!)).toBe('enhanced-x2-candidate');
    await loadSegmentationModels();
    await findOutlines();
    const { outlines } = useContours.getState();
    expect(contoursCsv(contourRows(outlines, null), null)).toContain('"Enhanced ×2 · CANDIDATE"');
    const all = drawnOutlines({ ...useContours.getState(), mode: 'all' }, { key: ACQUIRED } as never);
    expect(all.at(-1)?.words[0]?.text).toBe('Enhanced ×2 · CANDIDATE');
  });

  it('stay, and what was corrected, where the study is copied: it is the same pair', async () => {
    await found({ libraryAdd: async () => ({ studies: [{ ...STUDY, paths: ['/kept/study'] }] as never }) });
    dab(4, 4);
    useApp.setState({ pathsAreCopies: true });
    const before = contourVoxels(ACQUIRED);
    await keepOpenStudies();
    expect(useApp.getState()).toMatchObject({ paths: ['/kept/study'], pathsAreCopies: false });
    expect(contourVoxels(ACQUIRED)).toBe(before);
    expect(outlineOf(ACQUIRED)?.isCorrected).toBe(true);
  });

  it('go where the studies are read anew: the files may be others', async () => {
    await found();
    useApp.setState({ paths: ['/elsewhere'], studies: [STUDY] });
    expect(useContours.getState().outlines).toEqual([]);
  });

  it('stop being compared where another comparison takes the place of one', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    let answer = (): void => {};
    await found();
    answerAs(
      contourAnswers({
        segmentationCompare: (request, { signal } = {}) => {
          signals.push(signal);
          return new Promise((resolve) => {
            answer = () => resolve(compareResult(request, () => signals.length));
          });
        },
      }),
    );
    const first = compareOutlines();
    const late = answer;
    const second = compareOutlines();
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
    answer();
    await second;
    late();
    await first;
    expect(useContours.getState()).toMatchObject({ comparing: false });
    expect(useContours.getState().compared?.result.volumes[0]?.ml).toBe(2);
    void compareOutlines();
    forgetOutlines();
    expect(signals[2]?.aborted).toBe(true);
  });
});

describe('the table', () => {
  it('tells volumes, and differences and agreement to the acquired image and to the truth', async () => {
    const ml = (id: string): number => (id === 'acquired' ? 4 : id.startsWith('zero') ? 3 : 5);
    await found({ segmentationCompare: async (request) => compareResult(request, ml) });
    setView({
      labelmap: {
        key: 'labelmap-x',
        name: 'x',
        path: '/truth.nii',
        within: [],
        labels: [],
        warnings: [],
        opacity: 1,
        outline: false,
      },
    });
    setTruth({ isTruth: true });
    await vi.waitFor(() => expect(useContours.getState().compared?.result.truthMl).toBe(2));
    const { outlines, compared } = useContours.getState();
    const rows = contourRows(outlines, compared);
    expect(rows.map((row) => [row.ml, row.differenceMl, row.differencePercent, row.toTruth?.dice])).toEqual([
      [4, undefined, undefined, 0.8],
      [3, -1, -25, 0.8],
      [5, 1, 25, 0.8],
    ]);
    expect(rows[0]?.toBase).toBeUndefined();
    expect(rows[1]?.toBase?.dice).toBe(0.5);
    const lines = contoursCsv(rows, { name: 'Truth', ml: 2 }).split('\r\n');
    expect(lines).toHaveLength(6);
    expect(new Set(lines.slice(0, 5).map((line) => line.split(',').length))).toEqual(new Set([14]));
    const label = '"research-use preview",false,"Whole tumour"';
    expect(lines[1]).toMatch(new RegExp(`^"Acquired",".*","attention-unet",${label},4,,,,,,0.8,3$`));
    expect(lines[2]).toMatch(
      new RegExp(`^"Zero-filled ×2",".*","attention-unet",${label},3,-1,-25,"Acquired",0.5,3,0.8,3$`),
    );
    expect(lines[4]).toBe('"Truth",,,,,,2,,,,,,,');
    // Labels that go take the truth with them.
    setView({ labelmap: null });
    await vi.waitFor(() => expect(useContours.getState().compared?.result.truthMl).toBeNull());
    expect(useContours.getState().isTruth).toBe(false);
  });

  it('names in its CSV what the differences are to, and which labels were measured', async () => {
    const labels = [
      { value: 1, name: 'Oedema', ml: 1, parts: 1, confidence: 1 },
      { value: 4, name: 'Core', ml: 3, parts: 1, confidence: 1 },
    ];
    await found({ segment: async ({ image }) => segmentResult(image.kind, { labels }) });
    const { outlines } = useContours.getState();
    const [header, base, other] = contoursCsv(contourRows(outlines.slice(1), null, 4), null, 4).split('\r\n');
    expect(header).toContain(',label,ml,difference_ml,difference_percent,base,dice_to_base,hd95_mm_to_base,');
    expect(base).toMatch(/^"Zero-filled ×2",.*,"Core",3,,,,,,,$/);
    expect(other).toMatch(/^"Enhanced ×2",.*,"Core",3,0,0,"Zero-filled ×2",,,,$/);
    expect(contoursCsv(contourRows(outlines, null), null)).toContain(',"Oedema + Core",4,');
    // Until another label is measured nothing is told of it.
    expect(useContours.getState().compared).not.toBeNull();
    setContourLabel(4);
    expect(useContours.getState().compared).toBeNull();
  });

  it('has no percentage of nothing, and leaves open what is not known', async () => {
    await found({
      segmentationCompare: async (request) => compareResult(request, (id) => (id === 'acquired' ? 0 : 1)),
    });
    const { outlines, compared } = useContours.getState();
    expect(contourRows(outlines, compared)[1]).toMatchObject({ differenceMl: 1, differencePercent: null });
    // Before anything is compared, the volumes are those that the search told.
    const [first, second] = contourRows(outlines, null);
    expect([first?.ml, second?.ml, second?.differenceMl]).toEqual([0.015, 0.015, 0]);
    expect(second?.toBase).toBeUndefined();
  });

  it('tells nothing of an outline that was corrected since, until that is measured', async () => {
    await found();
    dab(4, 4);
    const rows = () => {
      const { outlines, compared } = useContours.getState();
      return contourRows(outlines, compared);
    };
    const [acquired, zeroFilled] = rows();
    expect([acquired?.ml, zeroFilled?.differenceMl, zeroFilled?.toBase]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await measureCorrections();
    expect(rows()[0]?.ml).toBe(1);
    expect(rows()[1]?.toBase?.dice).toBe(0.5);
  });
});

describe('correcting an outline', () => {
  it('paints where the brush goes, as one step, and hands it over once it has come to rest', async () => {
    const { calls } = await found();
    vi.useFakeTimers();
    const voxels = contourVoxels(ACQUIRED)!;
    beginStroke('brush', ACQUIRED, AXIAL, [4, 2, 0]);
    strokeTo([4, 4, 0]);
    endStroke();
    const wanted = foundLabels();
    for (const row of [2, 3, 4]) wanted[4 + 6 * row] = 1;
    expect(voxels.labels).toEqual(wanted);
    expect(useHistory.getState().done.map(({ label }) => label)).toEqual(['paint the outline, Acquired']);
    expect(outlineOf(ACQUIRED)?.isCorrected).toBe(true);
    dab(0, 4);
    await vi.advanceTimersByTimeAsync(500);
    expect(calledWith(calls, 'segmentationCorrect')).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    // Two strokes in a row are handed over once; 1 in 0–2, 16, 22, 24, 28 of 90 voxels.
    expect(calledWith(calls, 'segmentationCorrect')).toEqual([
      { id: 'acquired', runs: [1, 3, 0, 13, 1, 1, 0, 5, 1, 1, 0, 1, 1, 1, 0, 3, 1, 1, 0, 61] },
    ]);
    expect(calledWith(calls, 'segmentationCompare').at(-1)).toEqual({
      segmentations: ['acquired corrected 1', 'zero-filled e1', 'enhanced e1'],
    });
  });

  it('is taken back and made again stroke by stroke; without corrections it is what was found', async () => {
    const { calls } = await found();
    const { labels } = contourVoxels(ACQUIRED)!;
    dab(4, 4);
    dab(1, 0, 'eraser');
    const both = labels.slice();
    undo();
    undo();
    expect(labels).toEqual(foundLabels());
    expect(outlineOf(ACQUIRED)?.isCorrected).toBe(false);
    redo();
    redo();
    expect(labels).toEqual(both);
    backToFound(ACQUIRED);
    expect(labels).toEqual(foundLabels());
    await measureCorrections();
    expect(calledWith(calls, 'segmentationCorrect')).toEqual([]);
    expect(calledWith(calls, 'segmentationCompare').at(-1)).toMatchObject({
      segmentations: ['acquired', 'zero-filled e1', 'enhanced e1'],
    });
    undo();
    expect(labels).toEqual(both);
  });

  it('keeps a stroke in the slice that it began in, and every stroke a step of its own', async () => {
    await found();
    const { labels } = contourVoxels(ACQUIRED)!;
    beginStroke('brush', ACQUIRED, AXIAL, [4, 2, 0]);
    const one = labels.slice();
    // The view went to another slice in the midst of it.
    strokeTo([4, 4, 10]);
    expect(isDrawing()).toBe(false);
    expect(labels).toEqual(one);
    strokeTo([4, 4, 0]);
    expect(labels).toEqual(one);
    // One that was begun within another ends it: both can be taken back.
    beginStroke('brush', ACQUIRED, AXIAL, [4, 3, 0]);
    beginStroke('brush', ACQUIRED, AXIAL, [5, 4, 0]);
    endStroke();
    expect(useHistory.getState().done).toHaveLength(3);
    undo();
    undo();
    expect(labels).toEqual(one);
    undo();
    expect(labels).toEqual(foundLabels());
  });

  it('does not scroll while a stroke is drawn', async () => {
    await found();
    const possible = () =>
      COMMANDS.filter(({ id }) => /^slices\.(?!play)/.test(id)).map((command) => isPossible(command));
    expect(possible()).toEqual([true, true, true, true, true, true]);
    beginStroke('brush', ACQUIRED, AXIAL, [4, 2, 0]);
    expect(possible()).toEqual([false, false, false, false, false, false]);
    endStroke();
  });

  it('is not offered over an image that another lies over', async () => {
    await found();
    beginStroke('brush', ACQUIRED, AXIAL, [4, 2, 0], true);
    expect(isDrawing()).toBe(false);
    expect(useContours.getState().brushNote).toMatch(/compared here/);
    expect(contourVoxels(ACQUIRED)?.labels).toEqual(foundLabels());
  });

  it('paints across slices in other planes, but never one that was not acquired', async () => {
    await found();
    const { labels } = contourVoxels(ACQUIRED)!;
    setBrushMm(6);
    beginStroke('brush', ACQUIRED, CORONAL, [3, 4, 5]);
    endStroke();
    const painted = [...labels].flatMap((label, n) => (label === 1 && foundLabels()[n] !== 1 ? [n] : []));
    expect(painted.length).toBeGreaterThan(0);
    expect(new Set(painted.map((n) => Math.floor(n / 6) % 5))).toEqual(new Set([4]));
    expect(new Set(painted.map((n) => Math.floor(n / 30)))).toEqual(new Set([0, 2]));
  });

  it('says why it cannot be: a gap, an oblique plane, an image without an outline', async () => {
    await found();
    const note = () => useContours.getState().brushNote;
    dab(2, 2, 'brush', 5);
    expect(note()).toMatch(/not acquired/);
    const tilted = {
      right: [1, 0, 0],
      down: [0, Math.SQRT1_2, Math.SQRT1_2],
      normal: [0, -Math.SQRT1_2, Math.SQRT1_2],
    } as const;
    beginStroke('brush', ACQUIRED, tilted, [2, 2, 0]);
    expect(note()).toMatch(/does not lie along/);
    beginStroke('brush', 'series-elsewhere', AXIAL, [2, 2, 0]);
    expect(note()).toMatch(/No outline/);
    endStroke();
    expect(contourVoxels(ACQUIRED)?.labels).toEqual(foundLabels());
    expect(useHistory.getState().done).toEqual([]);
    dab(4, 4);
    expect(note()).toBeNull();
  });

  it('asks before corrections are lost, until they are written', async () => {
    const { calls } = await found({
      segmentationExport: async ({ out }) => ({
        output: { folder: out, files: [`${out}/segmentation.dcm`] },
        validation: null,
        seconds: 1,
        warnings: [],
      }),
    });
    expect(wouldLoseWork()).toBe(false);
    dab(4, 4);
    expect(wouldLoseWork()).toBe(true);
    closeStudies();
    expect(useApp.getState().studyUid).not.toBeNull();
    useUnsaved.getState().answer?.(false);
    await Promise.resolve();
    expect(useContours.getState().outlines).toHaveLength(3);
    const searching = findOutlines();
    useUnsaved.getState().answer?.(false);
    await searching;
    expect(calledWith(calls, 'segment')).toHaveLength(3);
    setContours({ exportFolder: '/out' });
    await exportOutlines();
    expect(calledWith(calls, 'segmentationExport').map(({ id, out }) => [id, out])).toEqual([
      ['acquired corrected 1', '/out/acquired-corrected'],
      ['zero-filled e1', '/out/zero-filled-x2'],
      ['enhanced e1', '/out/enhanced-x2'],
    ]);
    expect(hasUnsavedCorrections(useContours.getState())).toBe(false);
    dab(5, 4);
    expect(hasUnsavedCorrections(useContours.getState())).toBe(true);
    changePair(T1.uid, T2.uid);
    expect(useApp.getState().targetUid).toBe(T2.uid);
    useUnsaved.getState().answer?.(true);
    await vi.waitFor(() => expect(useApp.getState().targetUid).toBe(T1.uid));
  });

  it('writes nothing where the corrections did not reach the workstation', async () => {
    const { calls } = await found({
      segmentationCorrect: async () => {
        throw new TandemError('series-not-found', 'Not in memory any more');
      },
    });
    dab(4, 4);
    setContours({ exportFolder: '/out', exportImage: ACQUIRED });
    await exportOutlines();
    expect(calledWith(calls, 'segmentationExport')).toEqual([]);
    expect(useApp.getState().jobs.segmentExport?.error?.message).toMatch(/Acquired, corrected/);
    expect(useContours.getState().compareError?.code).toBe('series-not-found');
  });

  it('writes one outline into the folder itself, without names where that was asked for', async () => {
    const { calls } = await found({
      segmentationExport: async ({ out }) => ({
        output: { folder: out, files: [] },
        validation: null,
        seconds: 1,
        warnings: [],
      }),
    });
    setContours({ exportFolder: ' /out ', exportImage: 'enhanced-e1', deidentify: true });
    await exportOutlines();
    // Of NIfTI the form has no such choice.
    setContours({ exportFormat: 'nifti' });
    await exportOutlines();
    expect(calledWith(calls, 'segmentationExport')).toEqual([
      { id: 'enhanced e1', out: '/out', format: 'dicom-seg', deidentify: { options: [] } },
      { id: 'enhanced e1', out: '/out', format: 'nifti' },
    ]);
  });

  it('stops writing with the pair, and takes no late answer for it', async () => {
    const written: string[] = [];
    let answer = (): void => {};
    let aborted: boolean | undefined;
    await found({
      segmentationExport: ({ out }, { signal } = {}) => {
        written.push(out);
        return new Promise((resolve) => {
          answer = () => {
            aborted = signal?.aborted;
            resolve({ output: { folder: out, files: [] }, validation: null, seconds: 1, warnings: [] });
          };
        });
      },
    });
    setContours({ exportFolder: '/out' });
    const exporting = exportOutlines();
    await vi.waitFor(() => expect(written).toHaveLength(1));
    changePair(T1.uid, T2.uid);
    expect(useApp.getState().jobs.segmentExport).toBeUndefined();
    answer();
    await exporting;
    expect(aborted).toBe(true);
    expect(useContours.getState().exported).toEqual([]);
    expect(written).toHaveLength(1);
  });

  it('does not take an outline for written that was found after what was written', async () => {
    let answer = (): void => {};
    const started = vi.fn();
    await found({
      segmentationExport: ({ out }) => {
        started();
        return new Promise((resolve) => {
          answer = () =>
            resolve({ output: { folder: out, files: [] }, validation: null, seconds: 1, warnings: [] });
        });
      },
    });
    setContours({ exportFolder: '/out', exportImage: ACQUIRED });
    const exporting = exportOutlines();
    await vi.waitFor(() => expect(started).toHaveBeenCalled());
    await findOutlines();
    answer();
    await exporting;
    expect(outlineOf(ACQUIRED)?.exportedRevision).toBeNull();
  });

  it('names folders in plain letters', () => {
    expect(folderName('Enhanced ×2 · glmamba-x2')).toBe('enhanced-x2-glmamba-x2');
  });
});

describe('what is drawn over an image', () => {
  const column = (key: string, kind: 'target' | 'enhanced') => ({ key, kind }) as never;

  it('is its own outline, or all, each in a colour and with dashes of its own, or none', async () => {
    await found();
    const own = drawnOutlines(useContours.getState(), column(ACQUIRED, 'target'));
    expect(own.map(({ outline }) => outline.name)).toEqual(['Acquired']);
    expect(own[0]?.words.map(({ text }) => text)).toEqual(['Whole tumour']);
    expect(drawnOutlines(useContours.getState(), column('series-1.99', 'target'))).toEqual([]);
    const all = drawnOutlines({ ...useContours.getState(), mode: 'all' }, column('series-1.99', 'target'));
    expect(all).toHaveLength(3);
    expect(new Set(all.map(({ colorOf }) => colorOf(1).join())).size).toBe(3);
    expect(new Set(all.map(({ dashes }) => dashes.join())).size).toBe(3);
    expect(drawnOutlines({ ...useContours.getState(), shown: false }, column(ACQUIRED, 'target'))).toEqual(
      [],
    );
  });

  it('says which outline a reader corrected', async () => {
    await found();
    dab(4, 4);
    const state = useContours.getState();
    expect(drawnOutlines(state, column(ACQUIRED, 'target'))[0]?.words[0]?.text).toBe(
      'Whole tumour, corrected',
    );
    const all = drawnOutlines({ ...state, mode: 'all' }, column(ACQUIRED, 'target'));
    expect(all.flatMap(({ words }) => words.map(({ text }) => text))).toEqual([
      'Acquired, corrected',
      'Zero-filled ×2',
      'Enhanced ×2',
    ]);
  });

  it('is named by its image where two are compared: none is taken for the other’s', async () => {
    await found();
    const state = useContours.getState();
    const [acquired, enhanced] = [column(ACQUIRED, 'target'), column('enhanced-e1', 'enhanced')];
    const both = drawnOutlines(state, enhanced, acquired);
    expect(both.map(({ words }) => words.map(({ text }) => text))).toEqual([['Acquired'], ['Enhanced ×2']]);
    expect(both[0]?.colorOf(1)).not.toEqual(both[1]?.colorOf(1));
    expect(both[0]?.dashes).not.toEqual(both[1]?.dashes);
    // One of the two has none: whose the other is, is said all the same.
    const [only, ...rest] = drawnOutlines(state, enhanced, column('series-1.99', 'target'));
    expect(rest).toEqual([]);
    expect(only?.words.map(({ text }) => text)).toEqual(['Enhanced ×2']);
  });

  it('shows the labels of a model apart, each in its colour', async () => {
    const labels = [
      { value: 1, name: 'Oedema', ml: 1, parts: 1, confidence: 1 },
      { value: 4, name: 'Core', ml: 1, parts: 1, confidence: 1 },
    ];
    await found({ segment: async ({ image }) => segmentResult(image.kind, { labels }) });
    const [own] = drawnOutlines(useContours.getState(), column(ACQUIRED, 'target'));
    expect(own?.labels).toEqual({ apart: [1, 4] });
    expect(own?.colorOf(1)).not.toEqual(own?.colorOf(4));
    expect(own?.words.map(({ text }) => text)).toEqual(['Oedema', 'Core']);
  });
});
