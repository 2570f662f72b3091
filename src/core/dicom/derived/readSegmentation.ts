import { TandemError } from '../../errors.ts';
import type { DataSet } from '../dataSet.ts';
import { frameAttributes } from '../functionalGroups.ts';
import { type InstanceGeometry, readGeometry } from '../imageGeometry.ts';
import { numbersOf } from '../numbers.ts';
import { firstItem, sequenceItems } from '../sequences.ts';
import { rgbOfCieLab } from './cieLab.ts';
import type { Code } from './codes.ts';
import { C } from './companionTags.ts';
import type { SegmentAlgorithm } from './segmentation.ts';
import { LABEL_MAP_STORAGE, SEGMENTATION_STORAGE } from './uids.ts';

/** A segment as a segmentation describes it; what its header leaves out is undefined. */
export interface ReadSegment {
  /** Segment Number: what frames name it by, and the pixels of a label map. */
  readonly number: number;
  readonly label: string;
  readonly category: Code | undefined;
  readonly type: Code | undefined;
  readonly algorithm: SegmentAlgorithm;
  /** To be shown in, sRGB, 0 to 255. */
  readonly colorRgb: readonly [number, number, number] | undefined;
  readonly tracking: { readonly id: string; readonly uid: string } | undefined;
}

/**
 * What the pixels are: `binary`, one bit of one segment; `fractional`, how much of a pixel a segment fills, or how
 * probable it is, as a share of `maximum`; `labelmap`, the numbers of the segments.
 */
export type SegmentPixels =
  | { readonly kind: 'binary' }
  | { readonly kind: 'fractional'; readonly maximum: number }
  | { readonly kind: 'labelmap' };

/** A DICOM Segmentation without its pixels (PS3.3, A.51 and A.90). */
export interface SegmentationHeader {
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly frameOfReferenceUid: string | undefined;
  readonly description: string;
  readonly contentLabel: string;
  readonly pixels: SegmentPixels;
  /** By number, ascending; without a label map's background. */
  readonly segments: readonly ReadSegment[];
}

/** Where a frame lies, and whose it is: undefined in a label map, whose frames hold all segments. */
export interface SegmentationFrame {
  readonly segment: number | undefined;
  readonly geometry: InstanceGeometry;
  /** Spacing Between Slices, else Slice Thickness; undefined where neither is given. */
  readonly stepMm: number | undefined;
}

/** Whether a data set is a DICOM Segmentation of either class. */
export function isSegmentation(dataSet: DataSet): boolean {
  const sopClass = dataSet.string(C.SOPClassUID);
  return sopClass === SEGMENTATION_STORAGE || sopClass === LABEL_MAP_STORAGE;
}

/**
 * What a segmentation says of itself and its segments.
 * @throws TandemError `bad-header` where it names no segments, one twice, or does not say what its pixels are
 */
export function readSegmentationHeader(dataSet: DataSet): SegmentationHeader {
  return {
    sopInstanceUid: dataSet.string(C.SOPInstanceUID) ?? '',
    studyUid: dataSet.string(C.StudyInstanceUID) ?? '',
    frameOfReferenceUid: dataSet.string(C.FrameOfReferenceUID),
    description: dataSet.text(C.SeriesDescription),
    contentLabel: dataSet.text(C.ContentLabel),
    pixels: pixelsOf(dataSet),
    segments: segmentsOf(dataSet),
  };
}

function pixelsOf(dataSet: DataSet): SegmentPixels {
  const type = dataSet.string(C.SegmentationType) ?? '';
  switch (type) {
    case 'BINARY':
      return { kind: 'binary' };
    case 'LABELMAP':
      return { kind: 'labelmap' };
    case 'FRACTIONAL': {
      const maximum = numbersOf(dataSet, C.MaximumFractionalValue, 'US')?.[0];
      if (maximum === undefined || maximum < 1) {
        throw new TandemError(
          'bad-header',
          'The segmentation does not say which value is the whole of a pixel',
          {
            hint: 'It lacks Maximum Fractional Value: export it again.',
          },
        );
      }
      return { kind: 'fractional', maximum };
    }
    default:
      throw new TandemError('bad-header', `The segmentation is of the type “${type}”, which there is not`);
  }
}

function segmentsOf(dataSet: DataSet): ReadSegment[] {
  const segments = [...sequenceItems(dataSet, C.SegmentSequence)].map(segmentOf);
  const numbers = new Set(segments.map(({ number }) => number));
  if (numbers.size === 0) throw new TandemError('bad-header', 'The segmentation names no segments');
  if (numbers.size < segments.length) {
    throw new TandemError('bad-header', 'The segmentation has several segments of one number');
  }
  return segments.filter(({ number }) => number > 0).sort((a, b) => a.number - b.number);
}

function segmentOf(item: DataSet): ReadSegment {
  const number = numbersOf(item, C.SegmentNumber, 'US')?.[0];
  if (number === undefined) throw new TandemError('bad-header', 'A segment has no number');
  const type = codeIn(item, C.SegmentedPropertyTypeCodeSequence);
  const lab = numbersOf(item, C.RecommendedDisplayCIELabValue, 'US');
  const trackingId = item.text(C.TrackingID);
  const trackingUid = item.string(C.TrackingUID);
  return {
    number,
    label: item.text(C.SegmentLabel) || type?.meaning || `${number}`,
    category: codeIn(item, C.SegmentedPropertyCategoryCodeSequence),
    type,
    algorithm: algorithmOf(item),
    colorRgb: lab?.length === 3 ? rgbOfCieLab([lab[0]!, lab[1]!, lab[2]!]) : undefined,
    tracking:
      trackingId === '' || trackingUid === undefined ? undefined : { id: trackingId, uid: trackingUid },
  };
}

function algorithmOf(item: DataSet): SegmentAlgorithm {
  const type = item.string(C.SegmentAlgorithmType);
  const identification = firstItem(item, C.SegmentationAlgorithmIdentificationSequence);
  const version = identification?.text(C.AlgorithmVersion) ?? '';
  return {
    type: type === 'AUTOMATIC' || type === 'MANUAL' ? type : 'SEMIAUTOMATIC',
    name: item.text(C.SegmentAlgorithmName) || 'not stated',
    version: version === '' ? undefined : version,
    family: identification && codeIn(identification, C.AlgorithmFamilyCodeSequence),
  };
}

function codeIn(item: DataSet, tag: number): Code | undefined {
  const code = firstItem(item, tag);
  const value = code?.text(C.CodeValue) ?? '';
  if (code === undefined || value === '') return undefined;
  return { value, scheme: code.text(C.CodingSchemeDesignator), meaning: code.text(C.CodeMeaning) };
}

/**
 * The frames of a segmentation, in their order.
 * @param frames how many the pixel data has
 * @throws TandemError `bad-geometry` where a frame has no place in the patient; `bad-header` where it names no
 *   segment or one that is not described, or the functional groups are of another number of frames
 */
export function readSegmentationFrames(
  dataSet: DataSet,
  { pixels, segments }: Pick<SegmentationHeader, 'pixels' | 'segments'>,
  frames: number,
): SegmentationFrame[] {
  const known = new Set(segments.map(({ number }) => number));
  const found: SegmentationFrame[] = [];
  for (const attributes of frameAttributes(dataSet)) {
    const which = `Frame ${found.length + 1} of the segmentation`;
    const geometry = readGeometry(attributes);
    if (typeof geometry === 'string') {
      throw new TandemError('bad-geometry', `${which} has ${geometry}`, {
        hint: 'Only a segmentation that says where it lies in the patient can be laid over images.',
      });
    }
    const segment = attributes.numbers(C.ReferencedSegmentNumber, 'US')?.[0];
    if (pixels.kind !== 'labelmap' && (segment === undefined || !known.has(segment))) {
      throw new TandemError(
        'bad-header',
        segment === undefined
          ? `${which} does not say which segment it shows`
          : `${which} shows segment ${segment}, which is not described`,
      );
    }
    const step = attributes.decimal(C.SpacingBetweenSlices) ?? attributes.decimal(C.SliceThickness);
    found.push({
      segment: pixels.kind === 'labelmap' ? undefined : segment,
      geometry,
      stepMm: step !== undefined && step > 0 ? step : undefined,
    });
  }
  if (found.length !== frames) {
    throw new TandemError(
      'bad-header',
      `The segmentation has ${frames} frames, but its functional groups describe ${found.length}`,
      { hint: 'Export it again from its source.' },
    );
  }
  return found;
}
