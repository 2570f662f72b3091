import { create } from 'zustand';
import type { SegmentationCompareResult } from '../../core/contract/contours.ts';
import type { Result } from '../../core/contract/operations.ts';
import type { SegmentResult } from '../../core/contract/segmenting.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import type { ErrorData } from '../../core/errors.ts';
import { text } from '../text.ts';
import type { ColumnKind } from './view.ts';

export type SegmentationModel = Result<'segmentationModels'>['models'][number];
type Corrected = Result<'segmentationCorrect'>;

/** What a model found in one image, and what the reader made of it. Its voxels are in `contourVoxels.ts`. */
export interface Outline {
  /** The key of the image's column. */
  readonly image: string;
  readonly kind: ColumnKind;
  /** `Acquired`, `Enhanced ×2`. */
  readonly name: string;
  /** What was done to the image, in full. */
  readonly detail: string;
  readonly found: SegmentResult;
  /** Changes with every stroke and every step back. */
  readonly revision: number;
  /** Its labels are others than those that were found. */
  readonly isCorrected: boolean;
  /** What the workstation made of a corrected revision; null for what was found. */
  readonly corrected: (Corrected & { readonly revision: number }) | null;
  /** The revision that was written to files last. */
  readonly exportedRevision: number | null;
}

/** What the workstation measured of the outlines, as they were then. */
export interface Compared {
  readonly result: SegmentationCompareResult;
  /** By the image of an outline: under which id it was measured. */
  readonly ids: Readonly<Record<string, string>>;
}

/** Each image with its own outline, or all outlines over every image. */
export const OUTLINE_MODES = ['own', 'all'] as const;
export type OutlineMode = (typeof OUTLINE_MODES)[number];

export type ExportedOutlines = readonly {
  readonly name: string;
  readonly result: Result<'segmentationExport'>;
}[];

export interface ContourState {
  /** Undefined until they were asked for. */
  readonly models: readonly SegmentationModel[] | undefined;
  readonly refused: Result<'segmentationModels'>['refused'];
  readonly modelsError: ErrorData | undefined;
  /** By id; null: the best. */
  readonly model: string | null;
  /** Images to be looked at, by `columnId`; null: those that are looked at where nothing was chosen. */
  readonly images: readonly string[] | null;
  readonly withReference: boolean;
  /** The image at which the last search stopped. */
  readonly stoppedAt: string | null;

  /** In the order of the images. */
  readonly outlines: readonly Outline[];
  /** The labels over the images are the truth. */
  readonly isTruth: boolean;
  /** The label of the file that is the structure; null: all of them. */
  readonly truthValue: number | null;
  /** The model's label that is compared and painted; null: all together, and the first is painted. */
  readonly label: number | null;
  readonly compared: Compared | null;
  readonly comparing: boolean;
  readonly compareError: ErrorData | undefined;
  /** The curve is against the labels of the file; else against the acquired image's outline. */
  readonly curveOfTruth: boolean;

  readonly shown: boolean;
  readonly mode: OutlineMode;
  readonly opacity: number;
  readonly filled: boolean;

  readonly brushMm: number;
  /** Why the last stroke did nothing. */
  readonly brushNote: string | null;

  readonly exportFolder: string;
  /** The image of the outline to be written; null: all. */
  readonly exportImage: string | null;
  readonly exportFormat: 'dicom-seg' | 'nifti';
  readonly deidentify: boolean;
  readonly exported: ExportedOutlines;
}

export const INITIAL_CONTOURS: ContourState = {
  models: undefined,
  refused: [],
  modelsError: undefined,
  model: null,
  images: null,
  withReference: true,
  stoppedAt: null,
  outlines: [],
  isTruth: false,
  truthValue: null,
  label: null,
  compared: null,
  comparing: false,
  compareError: undefined,
  curveOfTruth: false,
  shown: true,
  mode: 'own',
  opacity: 0.9,
  filled: false,
  brushMm: 4,
  brushNote: null,
  exportFolder: '',
  exportImage: null,
  exportFormat: 'dicom-seg',
  deidentify: false,
  exported: [],
};

export const useContours = create<ContourState>()(() => INITIAL_CONTOURS);

export function setContours(change: Partial<ContourState>): void {
  useContours.setState(change);
}

/** The name of an outline: that a reader changed it is part of it. */
export function outlineName({ name, isCorrected }: Pick<Outline, 'name' | 'isCorrected'>): string {
  return isCorrected ? text.contours.corrected(name) : name;
}

/** The model of an outline, with CANDIDATE or RETIRED before it where nobody stands for it. */
export function modelName({ found }: Pick<Outline, 'found'>): string {
  return text.contours.markedModel(unacceptedMark(found.modelState), found.model);
}

/** Changes one outline, where it is still there. */
export function setOutline(image: string, change: Partial<Outline>): void {
  const { outlines } = useContours.getState();
  setContours({ outlines: outlines.map((one) => (one.image === image ? { ...one, ...change } : one)) });
}

export function outlineOf(image: string): Outline | undefined {
  return useContours.getState().outlines.find((one) => one.image === image);
}

/** The outline that the others are held against: the acquired image's, else the first. */
export function baseOutline(outlines: readonly Outline[]): Outline | undefined {
  return outlines.find(({ kind }) => kind === 'target') ?? outlines[0];
}

/** Under which id the workstation has what is shown now; undefined while a correction is on its way to it. */
export function currentId(outline: Outline): string | undefined {
  return outline.isCorrected ? currentCorrection(outline)?.id : outline.found.id;
}

/** What the workstation made of the correction as it is now; undefined where there is none, or it is on its way. */
export function currentCorrection({ isCorrected, corrected, revision }: Outline): Corrected | undefined {
  return isCorrected && corrected?.revision === revision ? corrected : undefined;
}

/** Volumes and parts as they are now; undefined while a correction is on its way. */
export function currentLabels(outline: Outline): Corrected['labels'] | undefined {
  return outline.isCorrected ? currentCorrection(outline)?.labels : outline.found.labels;
}

/** Whether what was measured last is of this outline as it is now. */
export function isMeasured(compared: Compared | null, outline: Outline): boolean {
  const id = currentId(outline);
  return id !== undefined && compared?.ids[outline.image] === id;
}

/** Whether there are corrections that were written nowhere. */
export function hasUnsavedCorrections({ outlines }: Pick<ContourState, 'outlines'>): boolean {
  return outlines.some(
    ({ isCorrected, exportedRevision, revision }) => isCorrected && exportedRevision !== revision,
  );
}

/** What the workstation found between two outlines, or one and the truth, whichever was named first. */
export function agreementBetween(
  compared: Compared | null,
  image: string,
  other: string | 'truth',
): SegmentationCompareResult['agreements'][number] | undefined {
  if (compared === null) return undefined;
  const a = compared.ids[image];
  const b = other === 'truth' ? 'truth' : compared.ids[other];
  return compared.result.agreements.find(
    ({ first, second }) => (first === a && second === b) || (first === b && second === a),
  );
}
