import type { ContrastName } from '../../contract/schemas.ts';
import { TandemError } from '../../errors.ts';
import { imageKind } from '../imageKind.ts';
import { type BodyPart, bodyPartOf } from './bodyParts.ts';
import { codeItem } from './codes.ts';
import { copyEnhancedMrAttributes } from './copiedAttributes.ts';
import {
  type DataElement,
  type DataSet,
  doubles,
  longs,
  mergeDataSets,
  sequence,
  shorts,
  text,
} from './dataSet.ts';
import { E } from './enhancedMrTags.ts';
import { type Reader, reader } from './seriesModules.ts';
import { T } from './tags.ts';
import { detached, itemOf, itemsOf, shortsOf } from './values.ts';

/** What is known of a classic image beside its header. */
export interface ClassicMrHints {
  /** What the program takes the series for. */
  readonly contrast: ContrastName;
  /** No value of the image is below zero. */
  readonly isNeverNegative: boolean;
}

/**
 * A classic MR image as functional groups of one frame of an Enhanced MR image (PS3.3, A.36.2.4), in the same words
 * where there are such. Of a derived image most of what describes the acquisition may be left out; what may not is
 * taken from what the image says, or refused.
 *
 * @param source data set of a classic image (`readElements`, `classicFrame`)
 * @throws TandemError `unsupported-format` where it does not say what body part, side or component it shows
 */
export function groupsOfClassicMr(source: DataSet, hints: ClassicMrHints): DataSet {
  const read = reader(source);
  const group = (tag: number, ...elements: readonly DataElement[]): DataElement[] =>
    elements.length === 0 ? [] : [sequence(tag, mergeDataSets(elements))];
  const same = (...tags: readonly number[]) =>
    source.filter(({ tag, value }) => tags.includes(tag) && value.length > 0);
  return detached([
    ...group(E.MREchoSequence, ...asDouble(read, T.EchoTime, 0x00189082)),
    ...group(E.MRAveragesSequence, ...same(T.NumberOfAverages)),
    ...group(
      E.MRFOVGeometrySequence,
      ...same(T.PercentSampling, T.PercentPhaseFieldOfView),
      ...matrix(source, read),
    ),
    ...group(E.MRDiffusionSequence, ...same(0x00189075, 0x00189076, 0x00189087, 0x00189147)),
    ...group(E.ContrastBolusUsageSequence, ...contrastUsage(source)),
    sequence(E.FrameAnatomySequence, anatomy(source, read)),
    sequence(E.MRImageFrameTypeSequence, frameType(read, hints)),
    sequence(E.FrameContentSequence, frameContent(read)),
    ...group(E.PlanePositionSequence, ...same(E.ImagePositionPatient)),
    ...group(E.PlaneOrientationSequence, ...same(E.ImageOrientationPatient)),
    ...group(E.PixelMeasuresSequence, ...same(T.SliceThickness, T.SpacingBetweenSlices)),
  ]);
}

/**
 * What a classic MR image says of the whole series: in the words of an Enhanced MR image's top level where it has
 * them for a derived image, the contrast agent by its codes; else in its own.
 *
 * @throws TandemError `unsupported-format` where a contrast agent was given that has no code
 */
export function topOfClassicMr(source: DataSet): DataSet {
  const read = reader(source);
  const nucleus = read.string(T.ImagedNucleus);
  const moment = acquisitionMoment(read);
  return detached(
    mergeDataSets(
      copyEnhancedMrAttributes(source).filter(({ tag }) => !AGENT.has(tag)),
      source.filter(({ tag }) => IN_ITS_OWN_WORDS.has(tag)),
      [
        // Type 1, and nothing that a classic image says.
        text(E.ApplicableSafetyStandardAgency, 'CS', 'UNKNOWN'),
        ...(nucleus !== undefined && NUCLEI.has(nucleus) ? [text(E.ResonantNucleus, 'CS', nucleus)] : []),
        ...(moment === undefined ? [] : [text(E.AcquisitionDateTime, 'DT', moment)]),
        ...contrastAgents(source, read),
      ],
    ),
  );
}

const AGENT: ReadonlySet<number> = new Set([T.ContrastBolusAgent, E.ContrastBolusAgentSequence]);

/**
 * Standard Extended. Their functional groups (timing, modifiers) want, of whoever writes one at all, what a classic
 * image does not say: absorption rates, operating modes, gradient echo trains.
 */
const IN_ITS_OWN_WORDS: ReadonlySet<number> = new Set([
  T.ScanningSequence,
  T.SequenceVariant,
  T.ScanOptions,
  T.SequenceName,
  T.RepetitionTime,
  T.InversionTime,
  T.ImagingFrequency,
  T.EchoTrainLength,
  T.PixelBandwidth,
  T.FlipAngle,
]);

const NUCLEI: ReadonlySet<string> = new Set(['1H', '3HE', '7LI', '13C', '19F', '23NA', '31P', '129XE']);

/** Magnitude unless it says otherwise and has nothing below zero: scanners leave that out more than anything else. */
function componentOf(read: Reader, hints: ClassicMrHints): string {
  const { component } = imageKind(
    read.strings(E.ImageType).map((value) => value.toUpperCase()),
    read.string(E.ComplexImageComponent),
  );
  if (component !== undefined) return component.toUpperCase();
  if (hints.isNeverNegative) return 'MAGNITUDE';
  throw unsaid('whether it shows magnitude, phase, real or imaginary part');
}

/** Defined terms of Acquisition Contrast (PS3.3, C.8.13.3.1.4) for what the program tells apart. */
const CONTRASTS: Readonly<Partial<Record<ContrastName, string>>> = {
  t1: 'T1',
  t1c: 'T1',
  t2: 'T2',
  'fs-t2': 'T2',
  pd: 'PROTON_DENSITY',
  'fs-pd': 'PROTON_DENSITY',
  flair: 'FLUID_ATTENUATED',
  stir: 'STIR',
  dwi: 'DIFFUSION',
};

function frameType(read: Reader, hints: ClassicMrHints): DataSet {
  return [
    text(E.PixelPresentation, 'CS', 'MONOCHROME'),
    text(E.VolumetricProperties, 'CS', 'VOLUME'),
    text(E.VolumeBasedCalculationTechnique, 'CS', 'NONE'),
    text(E.ComplexImageComponent, 'CS', componentOf(read, hints)),
    text(E.AcquisitionContrast, 'CS', CONTRASTS[hints.contrast] ?? 'UNKNOWN'),
  ];
}

/** Anatomic region by the source's code, or by its Body Part Examined, and the side where there are two. */
function anatomy(source: DataSet, read: Reader): DataSet {
  const coded = itemsOf(source, E.AnatomicRegionSequence);
  const part = bodyPartOf(read.string(T.BodyPartExamined));
  if (coded.length === 0 && part === undefined) throw unsaid('which body part it shows (Body Part Examined)');
  return [
    sequence(E.AnatomicRegionSequence, ...(coded.length > 0 ? coded.slice(0, 1) : [codeItem(part!.code)])),
    text(E.FrameLaterality, 'CS', sideOf(read, part)),
  ];
}

function sideOf(read: Reader, part: BodyPart | undefined): string {
  const said = read.string(T.ImageLaterality) ?? read.string(T.Laterality);
  if (said !== undefined && ['R', 'L', 'U', 'B'].includes(said)) return said;
  if (part !== undefined && !part.isPaired) return 'U';
  throw unsaid('which side of the body it shows (Laterality)');
}

function frameContent(read: Reader): DataSet {
  const moment = acquisitionMoment(read);
  const acquisition = Number(read.string(T.AcquisitionNumber));
  const temporal = Number(read.string(T.TemporalPositionIdentifier));
  const isIndex = (value: number, most: number) => Number.isInteger(value) && value > 0 && value <= most;
  return [
    ...(moment === undefined ? [] : [text(E.FrameAcquisitionDateTime, 'DT', moment)]),
    ...(isIndex(acquisition, 0xffff) ? [shorts(T.FrameAcquisitionNumber, [acquisition])] : []),
    ...(isIndex(temporal, 0xffffffff) ? [longs(T.TemporalPositionIndex, temporal)] : []),
  ];
}

/** DT of Acquisition Date and Time, where both are whole. */
function acquisitionMoment(read: Reader): string | undefined {
  const [date = '', time = ''] = [read.string(T.AcquisitionDate), read.string(T.AcquisitionTime)];
  return /^\d{8}$/.test(date) && /^\d{6}(\.\d{1,6})?$/.test(time) ? date + time : undefined;
}

/** A number written as DS, as FD. */
function asDouble(read: Reader, from: number, to: number): DataElement[] {
  const value = Number(read.string(from) ?? Number.NaN);
  return Number.isFinite(value) ? [doubles(to, value)] : [];
}

/** Encoding steps from Acquisition Matrix: frequency rows, frequency columns, phase rows, phase columns. */
function matrix(source: DataSet, read: Reader): DataElement[] {
  const direction = read.string(T.InPlanePhaseEncodingDirection);
  const isRow = direction === 'ROW';
  if (!isRow && direction !== 'COL') return [];
  const [frequencyRows = 0, frequencyColumns = 0, phaseRows = 0, phaseColumns = 0] = shortsOf(
    source,
    T.AcquisitionMatrix,
  );
  const frequency = frequencyRows || frequencyColumns;
  const phase = phaseRows || phaseColumns;
  return [
    text(T.InPlanePhaseEncodingDirection, 'CS', isRow ? 'ROW' : 'COLUMN'),
    ...(frequency > 0 ? [shorts(T.AcquisitionFrequencyEncodingSteps, [frequency])] : []),
    ...(phase > 0 ? [shorts(T.AcquisitionPhaseEncodingSteps, [phase])] : []),
  ];
}

/** Enhanced Contrast/Bolus (PS3.3, C.7.6.4b), of agents that the classic module gives codes of. */
function contrastAgents(source: DataSet, read: Reader): DataElement[] {
  const agents = itemsOf(source, E.ContrastBolusAgentSequence);
  if (agents.length === 0) {
    if (read.string(T.ContrastBolusAgent) === undefined) return [];
    throw unsaid('which contrast agent was given, by a code (Contrast/Bolus Agent Sequence)');
  }
  const route = itemOf(source, E.ContrastBolusAdministrationRouteSequence);
  if (route.length === 0) throw unsaid('how the contrast agent was given (Administration Route Sequence)');
  const EMPTY = [
    text(E.ContrastBolusVolume, 'DS'),
    sequence(0x00189338),
    text(E.ContrastBolusIngredientConcentration, 'DS'),
  ];
  const volume = source.filter(({ tag }) => tag === E.ContrastBolusVolume);
  const concentration = source.filter(({ tag }) => tag === E.ContrastBolusIngredientConcentration);
  const items = agents.map((agent, n) =>
    mergeDataSets(EMPTY, volume, concentration, agent, [
      shorts(E.ContrastBolusAgentNumber, [n + 1]),
      sequence(E.ContrastBolusAdministrationRouteSequence, route),
    ]),
  );
  return [sequence(E.ContrastBolusAgentSequence, ...items)];
}

/** Contrast/Bolus Usage has an item for each agent; here the one of the first, which every image has. */
function contrastUsage(source: DataSet): DataElement[] {
  if (itemsOf(source, E.ContrastBolusAgentSequence).length === 0) return [];
  return [
    shorts(E.ContrastBolusAgentNumber, [1]),
    text(E.ContrastBolusAgentAdministered, 'CS', 'YES'),
    text(E.ContrastBolusAgentDetected, 'CS'),
  ];
}

function unsaid(what: string): TandemError {
  return new TandemError(
    'unsupported-format',
    `This classic image does not say ${what}, which an Enhanced MR image must`,
    { hint: 'Write it as classic MR images (--as classic).' },
  );
}
