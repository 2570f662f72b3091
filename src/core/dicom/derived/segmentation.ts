import { TandemError } from '../../errors.ts';
import { cieLab } from './cieLab.ts';
import { type Code, codeItem } from './codes.ts';
import {
  type CompanionFacts,
  type ContentNames,
  companionDataSet,
  companionModules,
  contentIdentification,
  derivationImage,
  frameOfReference,
  lossyHistory,
  type SourceSeries,
} from './companion.ts';
import { C } from './companionTags.ts';
import { type DataSet, integers, oneValue, sequence, shorts, text } from './dataSet.ts';
import { BY_POSITION, BY_SEGMENT, dimensionModule, frameContent } from './dimensions.ts';
import { type ImagePlanes, planePositionGroup, planeSlab, sharedPlaneGroups } from './planes.ts';
import { commonInstances } from './references.ts';
import type { SegmentMeaning } from './segmentCodes.ts';
import { SEGMENTATION_STORAGE } from './uids.ts';

/** How a segment came about (Algorithm Identification macro, PS3.3 10.16). */
export interface SegmentAlgorithm {
  readonly type: 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';
  readonly name: string;
  readonly version?: string | undefined;
  /** CID 7162; artificial intelligence where it is not given. */
  readonly family?: Code | undefined;
  /** Text of the run, canonical JSON. */
  readonly parameters?: string | undefined;
}

export interface Segment extends SegmentMeaning {
  /** Value in the labelmap, 1 or more. */
  readonly value: number;
  readonly label: string;
  readonly algorithm: SegmentAlgorithm;
  /** To be shown in, sRGB, 0 to 255. */
  readonly colorRgb?: readonly [number, number, number] | undefined;
  /** Names the same thing in other segmentations and reports. */
  readonly tracking?: { readonly id: string; readonly uid: string } | undefined;
}

/** A labelmap on planes: `slices[n]` lies on plane n, row-major `rows × columns`, 0 for nothing. */
export interface Labelmap {
  readonly planes: ImagePlanes;
  readonly slices: readonly ArrayLike<number>[];
}

const SEGMENTATION = { value: '113076', scheme: 'DCM', meaning: 'Segmentation' };
const SOURCE_FOR_SEGMENTATION = {
  value: '121322',
  scheme: 'DCM',
  meaning: 'Source image for image processing operation',
};
const ARTIFICIAL_INTELLIGENCE = { value: '123110', scheme: 'DCM', meaning: 'Artificial Intelligence' };

/**
 * A labelmap as DICOM Segmentation (PS3.3, A.51): binary, one segment a label, segments outermost and planes
 * in ascending order along the normal. Only frames that hold something are written: each says where it lies,
 * so that nothing is lost, and a small lesion stays a small file. Segments keep the numbers 1, 2, 3 … in the
 * order given, whether or not they are found.
 *
 * @param source the series that the labelmap lies on; its slices are the frames' source images.
 * @throws TandemError `bad-geometry` where slices and planes do not agree, `failed` where no label is found
 *   or a value of the labelmap has no segment.
 */
export function segmentationDataSet(
  source: SourceSeries,
  labelmap: Labelmap,
  segments: readonly Segment[],
  facts: CompanionFacts & { readonly dimensionOrganizationUid: string; readonly content: ContentNames },
): DataSet {
  checkLabelmap(labelmap, segments);
  const { planes } = labelmap;
  const frames = segments.flatMap((segment, index) =>
    labelmap.slices.flatMap((slice, plane) =>
      includes(slice, segment.value) ? [{ segment, number: index + 1, plane }] : [],
    ),
  );
  if (frames.length === 0) {
    throw new TandemError('failed', 'The labelmap holds none of its labels: there is nothing to write', {
      hint: 'Check the values of the labels.',
    });
  }
  const used = [...new Set(frames.map(({ plane }) => plane))].sort((a, b) => a - b);
  return companionDataSet(
    source,
    companionModules(source, facts, { sopClassUid: SEGMENTATION_STORAGE, modality: 'SEG' }),
    frameOfReference(source),
    contentIdentification(facts.content),
    lossyHistory(source),
    dimensionModule(facts.dimensionOrganizationUid, [BY_SEGMENT, BY_POSITION]),
    commonInstances(source.studyUid, [source]),
    [
      text(C.ImageType, 'CS', 'DERIVED', 'PRIMARY'),
      shorts(C.SamplesPerPixel, [1]),
      text(C.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
      integers(C.NumberOfFrames, frames.length),
      shorts(C.Rows, [planes.rows]),
      shorts(C.Columns, [planes.columns]),
      shorts(C.BitsAllocated, [1]),
      shorts(C.BitsStored, [1]),
      shorts(C.HighBit, [0]),
      shorts(C.PixelRepresentation, [0]),
      text(C.SegmentationType, 'CS', 'BINARY'),
      text(C.SegmentsOverlap, 'CS', 'NO'),
      sequence(C.SegmentSequence, ...segments.map((segment, index) => segmentItem(segment, index + 1))),
      sequence(C.SharedFunctionalGroupsSequence, sharedPlaneGroups(planes)),
      sequence(
        C.PerFrameFunctionalGroupsSequence,
        ...frames.map(({ number, plane }) => [
          ...frameContent(number, used.indexOf(plane) + 1),
          ...planePositionGroup(planes, plane),
          sequence(C.SegmentIdentificationSequence, [shorts(C.ReferencedSegmentNumber, [number])]),
          derivationImage(source, planeSlab(planes, plane), {
            derivation: SEGMENTATION,
            purpose: SOURCE_FOR_SEGMENTATION,
          }),
        ]),
      ),
      {
        tag: C.PixelData,
        vr: 'OB',
        value: packBits(
          planes.rows * planes.columns,
          frames.map(({ segment, plane }) => ({ slice: labelmap.slices[plane]!, value: segment.value })),
        ),
      },
    ],
  );
}

function checkLabelmap({ planes, slices }: Labelmap, segments: readonly Segment[]): void {
  const pixels = planes.rows * planes.columns;
  if (slices.length !== planes.positionsLps.length || slices.some(({ length }) => length !== pixels)) {
    throw new TandemError('bad-geometry', 'The labelmap does not have the slices or the size of its planes');
  }
  const known = new Set([0, ...segments.map(({ value }) => value)]);
  for (const slice of slices) {
    for (let n = 0; n < slice.length; n++) {
      if (known.has(slice[n]!)) continue;
      throw new TandemError('failed', `The labelmap holds the value ${slice[n]}, which no segment has`, {
        hint: 'Describe every label, or set what is not wanted to 0.',
      });
    }
  }
}

function includes(slice: ArrayLike<number>, value: number): boolean {
  for (let n = 0; n < slice.length; n++) if (slice[n] === value) return true;
  return false;
}

/** One bit a pixel, lowest bit first, frames following each other without padding (PS3.5, 8.1.1 and 8.2). */
function packBits(
  pixels: number,
  frames: readonly { readonly slice: ArrayLike<number>; readonly value: number }[],
): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((pixels * frames.length) / 8));
  let at = 0;
  for (const { slice, value } of frames) {
    for (let n = 0; n < pixels; n++, at++) {
      if (slice[n] === value) bytes[at >>> 3]! |= 1 << (at & 7);
    }
  }
  return bytes;
}

function segmentItem(segment: Segment, number: number): DataSet {
  const { algorithm } = segment;
  const isComputed = algorithm.type !== 'MANUAL';
  return [
    shorts(C.SegmentNumber, [number]),
    text(C.SegmentLabel, 'LO', oneValue(segment.label).slice(0, 64)),
    text(C.SegmentAlgorithmType, 'CS', algorithm.type),
    ...(isComputed
      ? [
          text(C.SegmentAlgorithmName, 'LO', oneValue(algorithm.name).slice(0, 64)),
          sequence(C.SegmentationAlgorithmIdentificationSequence, algorithmItem(algorithm)),
        ]
      : []),
    sequence(C.SegmentedPropertyCategoryCodeSequence, codeItem(segment.category)),
    sequence(C.SegmentedPropertyTypeCodeSequence, codeItem(segment.type)),
    ...(segment.colorRgb === undefined
      ? []
      : [shorts(C.RecommendedDisplayCIELabValue, cieLab(segment.colorRgb))]),
    ...(segment.tracking === undefined
      ? []
      : [text(C.TrackingID, 'UT', segment.tracking.id), text(C.TrackingUID, 'UI', segment.tracking.uid)]),
  ];
}

function algorithmItem(algorithm: SegmentAlgorithm): DataSet {
  return [
    sequence(C.AlgorithmFamilyCodeSequence, codeItem(algorithm.family ?? ARTIFICIAL_INTELLIGENCE)),
    text(C.AlgorithmVersion, 'LO', oneValue(algorithm.version ?? 'not stated').slice(0, 64)),
    ...(algorithm.parameters === undefined
      ? []
      : [text(C.AlgorithmParameters, 'LT', algorithm.parameters.slice(0, 10240))]),
    text(C.AlgorithmName, 'LO', oneValue(algorithm.name).slice(0, 64)),
  ];
}
