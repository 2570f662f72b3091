import type { Vec3 } from '../../volume/vec.ts';
import { imageKind } from '../imageKind.ts';
import { classicFrame } from './classicFrame.ts';
import { SOURCE_IMAGE, STRUCTURAL_IMAGE } from './codes.ts';
import { copyEnhancedMrAttributes } from './copiedAttributes.ts';
import { type DataElement, type DataSet, decimals, longs, mergeDataSets, sequence, text } from './dataSet.ts';
import { E } from './enhancedMrTags.ts';
import { realWorldMapping } from './realWorldMapping.ts';
import { byInstance, type SeriesReference, sourceImage } from './references.ts';
import {
  derivationElements,
  type EnhancedSeriesFacts,
  reader,
  SAME_SPACING,
  saysAlready,
} from './seriesModules.ts';
import { detached, itemOf } from './values.ts';

/**
 * The functional groups of a frame of an Enhanced MR source (PS3.3, C.7.6.16), its own over the shared ones, with
 * what an enhanced series may take over or has to change, and nothing else: references to other images are the
 * source's, and private groups are the vendor's.
 *
 * @param source data set of the file (`readElements`)
 * @param frame from 0
 */
export function mrFrameGroups(source: DataSet, frame: number): DataSet {
  const perFrame = source.find(({ tag }) => tag === E.PerFrameFunctionalGroupsSequence)?.value ?? [];
  const own = perFrame instanceof Uint8Array ? [] : (perFrame[frame] ?? []);
  const groups = mergeDataSets(itemOf(source, E.SharedFunctionalGroupsSequence), own);
  return detached(groups.filter(({ tag }) => KEPT.has(tag) || CHANGED.has(tag)));
}

/**
 * What an Enhanced MR source's top level says of all frames and an enhanced series takes over; and the kind of pulse
 * sequence, in a classic image's attributes: those that an Enhanced MR image has for it may not stand in a derived
 * one, and without it an echo-planar image is not to be told from others.
 */
export function topOfEnhancedMr(source: DataSet, frame: number): DataSet {
  const sequenceKind = classicFrame(source, frame).filter(({ tag }) => SEQUENCE_KIND.has(tag));
  return detached(mergeDataSets(copyEnhancedMrAttributes(source), sequenceKind));
}

/** Standard Extended: of the classic MR image, and not of the enhanced one. */
const SEQUENCE_KIND: ReadonlySet<number> = new Set([E.ScanningSequence, E.SequenceVariant, E.ScanOptions]);

/** How a frame was acquired and what it shows: true of the enhanced frame as well. */
const KEPT: ReadonlySet<number> = new Set([
  0x00189006, // MR Imaging Modifier
  0x00189042, // MR Receive Coil
  0x00189049, // MR Transmit Coil
  0x00189107, // MR Spatial Saturation
  0x00189112, // MR Timing and Related Parameters
  0x00189114, // MR Echo
  0x00189115, // MR Modifier
  0x00189117, // MR Diffusion
  0x00189118, // Cardiac Synchronization
  0x00189119, // MR Averages
  0x00189125, // MR FOV/Geometry
  0x00189152, // MR Metabolite Map
  0x00189197, // MR Velocity Encoding
  0x00189251, // MR Arterial Spin Labeling
  0x00189341, // Contrast/Bolus Usage
  0x00209071, // Frame Anatomy
  0x00209253, // Respiratory Synchronization
  0x00209310, // Temporal Position
]);
/** What lies on the grid and in the stored values. */
const CHANGED: ReadonlySet<number> = new Set([
  E.MRImageFrameTypeSequence,
  E.FrameContentSequence,
  E.PlanePositionSequence,
  E.PlaneOrientationSequence,
  E.PixelMeasuresSequence,
  E.RealWorldValueMappingSequence,
]);

/** What is said of one frame of an enhanced series. */
export interface EnhancedFrameFacts {
  /** 1-based along the normal. */
  readonly inStackPosition: number;
  readonly positionLps: Vec3;
  /** Of the source's stored values. */
  readonly rescale: { readonly slope: number; readonly intercept: number };
  readonly target: SeriesReference;
  readonly reference: SeriesReference | undefined;
}

/**
 * The functional groups of one frame of an enhanced series.
 * @param groups the source frame's (`mrFrameGroups`, `groupsOfClassicMr`)
 */
export function enhancedFrameGroups(
  groups: DataSet,
  series: EnhancedSeriesFacts,
  frame: EnhancedFrameFacts,
): DataSet {
  return mergeDataSets(
    groups.filter(({ tag }) => KEPT.has(tag)),
    [
      frameType(itemOf(groups, E.MRImageFrameTypeSequence)),
      frameContent(itemOf(groups, E.FrameContentSequence), frame.inStackPosition),
      pixelMeasures(itemOf(groups, E.PixelMeasuresSequence), series),
      planePosition(itemOf(groups, E.PlanePositionSequence), frame.positionLps),
      planeOrientation(itemOf(groups, E.PlaneOrientationSequence), series),
      ...pixelValues(groups, series, frame),
      derivationImage(series, frame),
    ],
  );
}

/** MR Image Frame Type (PS3.3, C.8.13.5.1): shown and weighted as the source, resampled from it. */
function frameType(source: DataSet): DataElement {
  const said = reader(source);
  const [, , flavour = 'OTHER', contrast = ''] = said.strings(E.FrameType);
  // That pixels are a field map, or fat alone, says more than that they were resampled, which the derivation says.
  const shows = imageKind(['', '', contrast.toUpperCase()], undefined).kind;
  return sequence(
    E.MRImageFrameTypeSequence,
    mergeDataSets(
      [text(E.VolumetricProperties, 'CS', 'VOLUME'), text(E.VolumeBasedCalculationTechnique, 'CS', 'NONE')],
      source.filter(({ tag, value }) => FRAME_KIND.has(tag) && value.length > 0),
      // Of PRIMARY and SECONDARY an enhanced multi-frame image has the first alone (PS3.3, C.8.16.1.2).
      [
        text(E.FrameType, 'CS', 'DERIVED', 'PRIMARY', flavour, shows === undefined ? 'RESAMPLED' : contrast),
        // A source may have a palette to be shown with: that is left behind.
        text(E.PixelPresentation, 'CS', 'MONOCHROME'),
      ],
    ),
  );
}

/** What a frame's type says beside Frame Type, and the image's top level says again of all frames. */
export const FRAME_KIND: ReadonlySet<number> = new Set([
  E.PixelPresentation,
  E.VolumetricProperties,
  E.VolumeBasedCalculationTechnique,
  E.ComplexImageComponent,
  E.AcquisitionContrast,
]);

/** When and as what a frame was acquired; not where in the source's own dimensions it was. */
const ACQUIRED_CONTENT: ReadonlySet<number> = new Set([
  0x00189074, // Frame Acquisition DateTime
  0x00189151, // Frame Reference DateTime
  0x00189214, // Respiratory Cycle Position
  0x00189220, // Frame Acquisition Duration
  0x00189236, // Cardiac Cycle Position
  0x00209128, // Temporal Position Index
  0x00209156, // Frame Acquisition Number
  0x00209158, // Frame Comments
  0x00209453, // Frame Label
]);
const ONLY_STACK = '1';

function frameContent(source: DataSet, inStackPosition: number): DataElement {
  const stackId = reader(source).string(E.StackId) ?? ONLY_STACK;
  return sequence(
    E.FrameContentSequence,
    mergeDataSets(
      source.filter(({ tag }) => ACQUIRED_CONTENT.has(tag)),
      [
        text(E.StackId, 'SH', stackId),
        longs(E.InStackPositionNumber, inStackPosition),
        longs(E.DimensionIndexValues, 1, inStackPosition),
      ],
    ),
  );
}

function pixelMeasures(source: DataSet, series: EnhancedSeriesFacts): DataElement {
  const said = reader(source);
  const between = series.spacingBetweenSlicesMm;
  const keepsThickness = Number(said.string(E.SliceThickness)) > 0;
  const keepsSpacing =
    between === undefined || saysAlready(said, E.SpacingBetweenSlices, [between], SAME_SPACING * between);
  return sequence(
    E.PixelMeasuresSequence,
    mergeDataSets(
      source.filter(
        ({ tag }) =>
          (tag === E.SliceThickness && keepsThickness) ||
          (tag === E.SpacingBetweenSlices && keepsSpacing && Number(said.string(tag)) > 0),
      ),
      [
        ...(keepsThickness ? [] : [decimals(E.SliceThickness, series.sliceThicknessMm)]),
        ...(keepsSpacing ? [] : [decimals(E.SpacingBetweenSlices, between)]),
        decimals(E.PixelSpacing, series.spacingMm[1], series.spacingMm[0]),
      ],
    ),
  );
}

function planePosition(source: DataSet, positionLps: Vec3): DataElement {
  const keeps = saysAlready(reader(source), E.ImagePositionPatient, positionLps, 'position');
  return sequence(
    E.PlanePositionSequence,
    keeps
      ? source.filter(({ tag }) => tag === E.ImagePositionPatient)
      : [decimals(E.ImagePositionPatient, ...positionLps)],
  );
}

function planeOrientation(source: DataSet, series: EnhancedSeriesFacts): DataElement {
  const directions = [...series.iAxisLps, ...series.jAxisLps];
  const keeps = saysAlready(reader(source), E.ImageOrientationPatient, directions, 'direction');
  return sequence(
    E.PlaneOrientationSequence,
    keeps
      ? source.filter(({ tag }) => tag === E.ImageOrientationPatient)
      : [decimals(E.ImageOrientationPatient, ...directions)],
  );
}

/**
 * Pixel Value Transformation, which leads from stored values back to the source's own units, the window in these
 * units (PS3.3, C.7.6.16.2.10), and the real world value mapping where it can be kept.
 */
function pixelValues(
  groups: DataSet,
  { stored }: EnhancedSeriesFacts,
  { rescale }: EnhancedFrameFacts,
): DataElement[] {
  const mapping = groups.find(({ tag }) => tag === E.RealWorldValueMappingSequence);
  const kept = mapping && realWorldMapping(mapping, { ...rescale, ...stored });
  return [
    sequence(E.PixelValueTransformationSequence, [
      decimals(E.RescaleIntercept, 0),
      decimals(E.RescaleSlope, 1 / stored.factor),
      text(E.RescaleType, 'LO', 'US'),
    ]),
    sequence(E.FrameVOILUTSequence, [
      decimals(E.WindowCenter, stored.window.center / stored.factor),
      decimals(E.WindowWidth, stored.window.width / stored.factor),
    ]),
    ...(kept === undefined ? [] : [kept]),
  ];
}

/** Derivation Image (PS3.3, C.7.6.16.2.6): how, from which frames of the target, and with which of the reference. */
function derivationImage(
  series: EnhancedSeriesFacts,
  { target, reference }: EnhancedFrameFacts,
): DataElement {
  return sequence(E.DerivationImageSequence, [
    ...derivationElements(series),
    sequence(
      E.SourceImageSequence,
      ...byInstance(target.instances).map((frames) => sourceImage(frames, SOURCE_IMAGE)),
      ...byInstance(reference?.instances ?? []).map((frames) => sourceImage(frames, STRUCTURAL_IMAGE)),
    ),
  ]);
}
