import type { RequestInput, Result } from '../../src/core/contract/operations.ts';
import type { SegmentResult } from '../../src/core/contract/segmenting.ts';
import type { SegmentationModel } from '../../src/renderer/state/contours.ts';
import { type Enhanced, useApp } from '../../src/renderer/state/store.ts';
import { ENHANCED, STUDY, T1, T2 } from './page.tsx';
import type { Answers } from './queueOver.ts';

/** Voxels of 1 × 1 × 5 mm; the slice in the middle was not acquired. */
export const SIZE = [6, 5, 3] as const;

export const SEGMENTER: SegmentationModel = {
  id: 'attention-unet',
  path: '/models/segmentation/attention-unet',
  version: '1.0.0',
  state: 'shipped',
  network: 'attention-unet',
  contrasts: [
    { name: 'flair', required: true },
    { name: 't1', required: false },
  ],
  labels: [{ value: 1, name: 'Whole tumour' }],
  weightsSha256: 'b'.repeat(64),
  bytes: 4e6,
  chosenDice: null,
  dice: 0.84,
  intendedUse: 'Research use only',
  licence: 'Apache-2.0',
  card: '',
};

/** Of every image: label 1 in the first three voxels of the first slice. */
export function foundLabels(): Int16Array {
  const labels = new Int16Array(SIZE[0] * SIZE[1] * SIZE[2]);
  labels.fill(1, 0, 3);
  return labels;
}

export function segmentResult(id: string, change: Partial<SegmentResult> = {}): SegmentResult {
  return {
    id,
    model: SEGMENTER.id,
    modelState: 'shipped',
    device: 'cpu',
    workers: 1,
    labels: [{ value: 1, name: 'Whole tumour', ml: 0.015, parts: 1, confidence: 0.9 }],
    parts: [{ label: 1, ml: 0.015, confidence: 0.9, slice: 1 }],
    nothingFound: false,
    highestProbability: 0.97,
    dropped: 0,
    voxelMl: 0.005,
    size: [...SIZE],
    looked: 2,
    images: 2,
    contrasts: { given: ['flair', 't1'], missing: [] },
    registration: null,
    labelsSha256: 'c'.repeat(64),
    output: null,
    validation: null,
    seconds: 1,
    warnings: [],
    notice: '',
    ...change,
  };
}

function volumeOf(labels: Int16Array): Result<'volume'> {
  return {
    size: [...SIZE],
    spacingMm: [1, 1, 5],
    originLps: [0, 0, 0],
    axesLps: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    dataType: 'int16',
    window: { center: 0.5, width: 1 },
    inventedSlices: [1],
    label: '',
    voxels: new Uint8Array(labels.buffer as ArrayBuffer),
  };
}

/** Of a request: every one of 1 ml and one half alike, but those named otherwise. */
export function compareResult(
  { segmentations, truth }: RequestInput<'segmentationCompare'>,
  ml: (id: string) => number = () => 1,
): Result<'segmentationCompare'> {
  const all = [...segmentations, ...(truth === undefined ? [] : ['truth'])];
  return {
    volumes: segmentations.map((id) => ({ id, ml: ml(id) })),
    truthMl: truth === undefined ? null : 2,
    agreements: all.flatMap((first, n) =>
      all.slice(n + 1).map((second) => ({
        first,
        second,
        dice: second === 'truth' ? 0.8 : 0.5,
        hd95Mm: 3,
        diceSlices: 0.5,
        curve: [0.5, null],
      })),
    ),
    slices: [
      [2.5, 2, 0],
      [2.5, 2, 10],
    ],
    warnings: [],
  };
}

/** A workstation that finds the same in every image and corrects what it is given. */
export function contourAnswers(change: Answers = {}): Answers {
  let corrections = 0;
  return {
    segmentationModels: async () => ({ models: [SEGMENTER], refused: [] }),
    segment: async ({ image }) =>
      segmentResult(image.kind === 'series' ? 'acquired' : `${image.kind} ${image.id}`),
    volume: async () => volumeOf(foundLabels()),
    segmentationCompare: async (request) => compareResult(request),
    segmentationCorrect: async ({ id }) => ({
      id: `${id} corrected ${++corrections}`,
      labels: [{ value: 1, name: 'Whole tumour', ml: 2, parts: 1 }],
      nothingFound: false,
      addedMl: 1,
      removedMl: 0,
      labelsSha256: 'd'.repeat(64),
    }),
    ...change,
  };
}

/** The pair of the tests, with an enhanced series of it. */
export function openPair(referenceOfEnhanced: string | null = T1.uid): void {
  const enhanced: Enhanced = {
    result: ENHANCED,
    scale: 2,
    targetUid: T2.uid,
    referenceUid: referenceOfEnhanced,
  };
  useApp.setState({
    paths: ['/data/study'],
    studies: [STUDY],
    studyUid: STUDY.uid,
    targetUid: T2.uid,
    referenceUid: T1.uid,
    enhanced,
  });
}
