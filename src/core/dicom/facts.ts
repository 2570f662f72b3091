import type { Attributes, Layers } from './attributes.ts';
import type { AcquisitionFacts } from './contrast.ts';
import { contrastAgent } from './contrastAgent.ts';
import { TAG } from './tags.ts';

/** Acquired samples in each direction (Acquisition Matrix, PS3.3 C.8.3.1; MR FOV/Geometry, C.8.13.5.3). */
export interface AcquiredMatrix {
  readonly frequencySteps: number;
  readonly phaseSteps: number;
  /** `ROW`: phase is encoded along a row, so its steps are to be held against the columns. */
  readonly phaseDirection: 'ROW' | 'COL';
  /** Of the phase direction, relative to the frequency direction. */
  readonly percentPhaseFieldOfView: number | undefined;
}

/**
 * How an image was weighted, from the attributes of a classic image or of a frame of an enhanced one.
 * @param diffusionBValue found by the caller, as vendors write it in several places
 */
export function readFacts(attributes: Layers, diffusionBValue: number | undefined): AcquisitionFacts {
  const frameType = attributes.words(TAG.FrameType);
  const imageType = frameType.length > 0 ? frameType : attributes.words(TAG.ImageType);
  return {
    modality: attributes.words(TAG.Modality)[0] ?? '',
    imageType: imageType.map((value) => value.toUpperCase()),
    seriesDescription: attributes.text(TAG.SeriesDescription),
    protocolName: attributes.text(TAG.ProtocolName),
    scanningSequence: scanningSequence(attributes),
    sequenceVariant: sequenceVariant(attributes),
    scanOptions: scanOptions(attributes),
    sequenceName: attributes.words(TAG.SequenceName)[0] ?? attributes.words(TAG.PulseSequenceName)[0] ?? '',
    acquisitionType: attributes.string(TAG.MRAcquisitionType) ?? '',
    angiography: attributes.string(TAG.AngioFlag) === 'Y',
    repetitionTimeMs: positive(attributes.decimal(TAG.RepetitionTime)),
    echoTimeMs: nonNegative(
      attributes.numbers(TAG.EffectiveEchoTime, 'FD')?.[0] ?? attributes.decimal(TAG.EchoTime),
    ),
    inversionTimeMs: positive(
      attributes.numbers(TAG.InversionTimes, 'FD')?.[0] ?? attributes.decimal(TAG.InversionTime),
    ),
    flipAngleDeg: positive(attributes.decimal(TAG.FlipAngle)),
    echoTrainLength: positive(
      attributes.decimal(TAG.EchoTrainLength) ?? attributes.numbers(TAG.RfEchoTrainLength, 'US')?.[0],
    ),
    fieldStrengthT: fieldOf(attributes.decimal(TAG.MagneticFieldStrength)),
    contrastAgent: contrastAgent(attributes),
    diffusionBValue,
  };
}

/** Scanning Sequence, or what the enhanced attributes that took its place say (PS3.3, C.8.13.4). */
function scanningSequence(attributes: Attributes): string[] {
  const classic = attributes.words(TAG.ScanningSequence);
  if (classic.length > 0) return classic;
  const pulse = attributes.string(TAG.EchoPulseSequence);
  const isYes = (tag: number): boolean => attributes.string(tag) === 'YES';
  return [
    ...(pulse === 'SPIN' || pulse === 'BOTH' ? ['SE'] : []),
    ...(pulse === 'GRADIENT' || pulse === 'BOTH' ? ['GR'] : []),
    ...(isYes(TAG.EchoPlanarPulseSequence) ? ['EP'] : []),
    ...(isYes(TAG.InversionRecovery) ? ['IR'] : []),
  ];
}

function sequenceVariant(attributes: Attributes): string[] {
  const classic = attributes.words(TAG.SequenceVariant);
  if (classic.length > 0) return classic;
  const spoiling = attributes.string(TAG.Spoiling);
  const steady = attributes.string(TAG.SteadyStatePulseSequence);
  return [
    ...(spoiling !== undefined && spoiling !== 'NONE' ? ['SP'] : []),
    ...(steady !== undefined && steady !== 'NONE' ? ['SS'] : []),
  ];
}

function scanOptions(attributes: Attributes): string[] {
  const classic = attributes.words(TAG.ScanOptions);
  const suppressed = attributes.string(TAG.SpectrallySelectedSuppression);
  return suppressed?.includes('FAT') === true && !classic.includes('FS') ? [...classic, 'FS'] : classic;
}

/** Undefined where the header does not say in which direction how many samples were acquired. */
export function readMatrix(attributes: Attributes): AcquiredMatrix | undefined {
  const steps = acquiredSteps(attributes);
  const direction = attributes.string(TAG.InPlanePhaseEncodingDirection)?.toUpperCase();
  if (steps === undefined) return undefined;
  const phaseDirection =
    direction === 'ROW' ? 'ROW' : direction?.startsWith('COL') === true ? 'COL' : undefined;
  if (phaseDirection === undefined) return undefined;
  return {
    ...steps,
    phaseDirection,
    percentPhaseFieldOfView: positive(attributes.decimal(TAG.PercentPhaseFieldOfView)),
  };
}

function acquiredSteps(attributes: Attributes) {
  const matrix = attributes.numbers(TAG.AcquisitionMatrix, 'US');
  const [frequencyRows = 0, frequencyColumns = 0, phaseRows = 0, phaseColumns = 0] =
    matrix?.length === 4 ? matrix : [];
  const frequencySteps =
    frequencyRows ||
    frequencyColumns ||
    attributes.numbers(TAG.AcquisitionFrequencyEncodingSteps, 'US')?.[0] ||
    0;
  const phaseSteps =
    phaseRows || phaseColumns || attributes.numbers(TAG.AcquisitionPhaseEncodingSteps, 'US')?.[0] || 0;
  return frequencySteps === 0 || phaseSteps === 0 ? undefined : { frequencySteps, phaseSteps };
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function nonNegative(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 ? value : undefined;
}

/** Above any magnet for patients; what is larger was written in gauss, which some scanners did. */
const STRONGEST_T = 25;

/** Magnetic Field Strength in tesla; undefined where it is absent, or no number that a magnet could have. */
function fieldOf(value: number | undefined): number | undefined {
  if (value === undefined || !(value > 0)) return undefined;
  const tesla = value > STRONGEST_T ? value / 10_000 : value;
  return tesla > 0.01 && tesla <= STRONGEST_T ? Number(tesla.toFixed(3)) : undefined;
}
