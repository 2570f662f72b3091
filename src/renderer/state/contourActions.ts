import type { RequestInput } from '../../core/contract/operations.ts';
import { toErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';
import { text } from '../text.ts';
import { useAlign } from './align.ts';
import { alignmentForEnhance } from './alignActions.ts';
import { chosenImages, type ImageChoice, imageChoices } from './contourImages.ts';
import {
  currentId,
  INITIAL_CONTOURS,
  type Outline,
  type SegmentationModel,
  setContours,
  useContours,
} from './contours.ts';
import { forgetContourVoxels, keepContourVoxels } from './contourVoxels.ts';
import { abandonJob, runJob, workstation } from './session.ts';
import { type AppState, isSamePair, seriesByUid, useApp } from './store.ts';
import { mayLoseCorrections } from './unsaved.ts';
import { isCorrecting, setView, useView } from './view.ts';

/** Asks which segmentation models there are. */
export async function loadSegmentationModels(): Promise<void> {
  setContours({ modelsError: undefined });
  try {
    const { models, refused } = await workstation().call('segmentationModels', {});
    setContours({ models, refused });
  } catch (error) {
    setContours({ modelsError: toErrorData(error) });
  }
}

/**
 * The model that is chosen; where none was, what ships or was accepted here, then the best on unseen patients (of one
 * that was not measured on any, on those that its weights were chosen on).
 */
export function chosenSegmentationModel(
  models: readonly SegmentationModel[] | undefined,
  chosen: string | null,
): SegmentationModel | undefined {
  const standing = { shipped: 4, accepted: 4, candidate: 2, retired: 0 };
  const worth = ({ state, dice, chosenDice }: SegmentationModel): number =>
    standing[state] + (dice ?? chosenDice ?? 0);
  return (
    models?.find(({ id }) => id === chosen) ?? [...(models ?? [])].sort((a, b) => worth(b) - worth(a))[0]
  );
}

/** Whether the pair's reference can be given to a model as its second contrast. */
export function canUseReference(state: AppState, model: SegmentationModel | undefined): boolean {
  return (
    state.referenceUid !== null && !useAlign.getState().withoutReference && (model?.contrasts.length ?? 0) > 1
  );
}

type Guided = Pick<
  RequestInput<'segment'>,
  'reference' | 'registration' | 'alignment' | 'acceptRegistration'
>;

/**
 * The second contrast of one image. An enhanced series brings the reference that it was made with, where it lay
 * then; every other image gets the pair's, where the reader left it on the Align screen.
 */
function guideOf({ image }: ImageChoice, model: SegmentationModel, accept: boolean): Guided {
  const state = useApp.getState();
  const { withReference } = useContours.getState();
  if (!withReference || !canUseReference(state, model) || state.referenceUid === null) return {};
  const isGuided = image.kind !== 'series' && madeWithReference(image.id, state);
  const { acceptRegistration, ...aligned } = alignmentForEnhance();
  const accepted = { acceptRegistration: accept || acceptRegistration === true };
  if (isGuided) return accepted;
  return { reference: { paths: [...state.paths], series: state.referenceUid }, ...aligned, ...accepted };
}

function madeWithReference(id: string, { enhanced, results }: AppState): boolean {
  if (enhanced?.result.id === id) return enhanced.referenceUid !== null;
  return results.find((one) => one.id === id)?.referenceUid != null;
}

/**
 * Finds the structure in every chosen image, one after another; what was found before is replaced by what is found
 * now. Asks first where corrections would be lost.
 * @param accept go on although a registration is not to be trusted
 */
export async function findOutlines({ accept = false } = {}): Promise<void> {
  const app = useApp.getState();
  const state = useContours.getState();
  const model = chosenSegmentationModel(state.models, state.model);
  const images = chosenImages(imageChoices(app), state.images);
  if (model === undefined || images.length === 0 || !(await mayLoseCorrections())) return;
  setContours({ stoppedAt: null });
  const isStillShown = (): boolean => isSamePair(app, useApp.getState());
  const started = performance.now();
  let at = 0;
  await runJob('segment', async (options) => {
    for (const choice of images) {
      const before = (performance.now() - started) / 1000;
      const progress = (now: Progress): void =>
        options.onProgress(
          ofAll(now, { at, total: images.length, name: choice.name, beforeSeconds: before }),
        );
      progress({ stage: 'segmenting', done: 0, total: 0 });
      const request = {
        image: choice.image,
        model: model.id,
        device: app.device,
        ...guideOf(choice, model, accept),
      };
      const result = await workstation().call('segment', request, { ...options, onProgress: progress });
      const voxels = await workstation().call(
        'volume',
        { kind: 'segmentation', id: result.id, what: 'labels' },
        { signal: options.signal },
      );
      options.signal.throwIfAborted();
      if (!isStillShown()) return;
      // With the first new outline the old ones go: they were found with other choices.
      if (at === 0) forgetContourVoxels();
      keepContourVoxels(choice.column.key, voxels);
      const made = outlineMade(choice, result);
      if (at === 0) beginWith([made]);
      else setContours({ outlines: [...useContours.getState().outlines, made] });
      at++;
    }
  });
  if (useApp.getState().jobs.segment?.error !== undefined) {
    setContours({ stoppedAt: images[at]?.name ?? null });
  }
  if (useContours.getState().outlines.length > 0 && isStillShown()) await compareOutlines();
}

function outlineMade({ column, name, detail }: ImageChoice, found: Outline['found']): Outline {
  return {
    image: column.key,
    kind: column.kind,
    name,
    detail,
    found,
    revision: 0,
    isCorrected: false,
    corrected: null,
    exportedRevision: null,
  };
}

/** Progress of one image as progress of all: which one it is, and the time that those to come will take. */
export function ofAll(
  now: Progress,
  {
    at,
    total,
    name,
    beforeSeconds,
  }: { readonly at: number; readonly total: number; readonly name: string; readonly beforeSeconds: number },
): Progress {
  const toCome = total - at - 1;
  const each = at === 0 ? undefined : beforeSeconds / at;
  const { secondsLeft } = now;
  const left =
    secondsLeft === undefined || (toCome > 0 && each === undefined)
      ? undefined
      : secondsLeft + toCome * (each ?? 0);
  const { secondsLeft: _, ...rest } = now;
  return {
    ...rest,
    ...(left === undefined ? {} : { secondsLeft: left }),
    message: text.contours.imageOf(at + 1, total, name),
  };
}

let comparison: AbortController | undefined;

/** Nobody waits for what is measured now any more. */
function supersede(): AbortController {
  comparison?.abort();
  comparison = new AbortController();
  return comparison;
}

/** Measures the outlines against each other and the truth; those whose correction is on its way are left out. */
export async function compareOutlines(): Promise<void> {
  const { signal } = supersede();
  const { outlines, label } = useContours.getState();
  const ids: Record<string, string> = {};
  for (const outline of outlines) {
    const id = currentId(outline);
    if (id !== undefined) ids[outline.image] = id;
  }
  if (Object.keys(ids).length === 0) {
    setContours({ compared: null, comparing: false });
    return;
  }
  const truth = truthAsked();
  setContours({ comparing: true, compareError: undefined });
  try {
    const request = {
      segmentations: Object.values(ids),
      ...(truth === undefined ? {} : { truth }),
      ...(label === null ? {} : { label }),
    };
    const result = await workstation().call('segmentationCompare', request, { signal });
    if (!signal.aborted) setContours({ compared: { result, ids }, comparing: false });
  } catch (error) {
    if (!signal.aborted) setContours({ comparing: false, compareError: toErrorData(error) });
  }
}

/** The labels over the images, where the reader says that they are the truth. */
function truthAsked(): RequestInput<'segmentationCompare'>['truth'] {
  const { isTruth, truthValue } = useContours.getState();
  const { labelmap } = useView.getState();
  if (!isTruth || labelmap === null) return undefined;
  const app = useApp.getState();
  const frameOfReferenceUid = seriesByUid(app, app.targetUid)?.frameOfReferenceUid;
  return {
    path: labelmap.path,
    within: [...labelmap.within],
    ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
    ...(truthValue === null ? {} : { values: [truthValue] }),
  };
}

/** Says whether, and which of, the labels over the images are the truth. */
export function setTruth(change: { readonly isTruth?: boolean; readonly truthValue?: number | null }): void {
  setContours(change);
  setContours({ curveOfTruth: useContours.getState().isTruth });
  void compareOutlines();
}

/** Which label of the model is compared and painted. */
export function setContourLabel(label: number | null): void {
  // What was measured is of another label.
  setContours({ label, compared: null });
  void compareOutlines();
}

/** Puts other outlines in the place of all; how they are shown, and what is chosen, stays. */
function beginWith(outlines: readonly Outline[]): void {
  supersede();
  const { compared: none, comparing, compareError, exported, brushNote } = INITIAL_CONTOURS;
  setContours({
    outlines: [...outlines],
    compared: none,
    comparing,
    compareError,
    exported,
    brushNote,
    label: null,
    exportImage: null,
    shown: true,
  });
}

export function forgetOutlines(): void {
  forgetContourVoxels();
  beginWith([]);
  if (isCorrecting(useView.getState().tool)) setView({ tool: 'window' });
}

// Outlines are of one pair: over another they would lie in the wrong patient.
useApp.subscribe((state, before) => {
  // Studies that were read anew may be others; those that were copied and are read from there now are the same.
  if (isSamePair(state, before) && state.studies === before.studies) return;
  abandonJob('segment');
  abandonJob('segmentExport');
  forgetOutlines();
  setContours({ images: null, stoppedAt: null, isTruth: false, truthValue: null, exportFolder: '' });
});

// Without the labels over the images there is no truth; other labels are none until the reader says so.
useView.subscribe((view, before) => {
  if (view.labelmap?.key === before.labelmap?.key || !useContours.getState().isTruth) return;
  setContours({ isTruth: false, truthValue: null, curveOfTruth: false });
  void compareOutlines();
});
