import { setImmediate } from 'node:timers/promises';
import type { DicomForm } from '../../core/contract/schemas.ts';
import { LONGEST_VALUE } from '../../core/dicom/derived/encode.ts';
import type { Conversion } from '../../core/dicom/derived/equipment.ts';
import type { EnhancedSeriesFacts } from '../../core/dicom/derived/seriesModules.ts';
import {
  chooseStoredFormat,
  encodeStoredValues,
  type StoredFormat,
  storedFactor,
} from '../../core/dicom/derived/storedValues.ts';
import {
  ENHANCED_MR_IMAGE_STORAGE,
  LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
  MR_IMAGE_STORAGE,
} from '../../core/dicom/derived/uids.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import type { Deidentifier } from '../deidentify/deidentifier.ts';
import type { EnhancedSeries } from '../superres/types.ts';
import { nameOf, sourcePlaces } from './planReferences.ts';
import { type SourceFacts, SourceFiles } from './sourceSlices.ts';
import { hashOf, parametersOf, uidOf } from './uids.ts';

/** What can be the source of a DICOM export. */
const MR_IMAGES: ReadonlySet<string> = new Set([
  MR_IMAGE_STORAGE,
  ENHANCED_MR_IMAGE_STORAGE,
  LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
]);

/** A DICOM export, decided but not written: everything that holds for the whole series. */
export interface DicomPlan {
  readonly series: EnhancedSeries;
  /** `classic`: an MR image a slice. `enhanced`: one Enhanced MR image with a frame a slice. */
  readonly form: 'classic' | 'enhanced';
  readonly facts: EnhancedSeriesFacts;
  readonly sources: SourceFiles;
  readonly target: readonly SourceFacts[];
  readonly reference: readonly SourceFacts[];
  /** Of each object. */
  readonly sopInstanceUids: readonly string[];
  /** Of each object's file. */
  readonly names: readonly string[];
  /** Of each slice's stored values. */
  readonly extremes: readonly { readonly smallest: number; readonly largest: number }[];
  /** Applied to each data set as it is written. */
  readonly deidentifier?: Deidentifier | undefined;
}

/**
 * Reads the headers of all sources, decides how values are stored and names the instances. UIDs follow from
 * sources, weights, parameters and the stored pixels: the same result exported again has the same ones. Of pixels
 * no more than one slice is asked for at a time.
 *
 * @param as the form, `source` for that of the target
 * @throws TandemError `unsupported-format` where the target is not a series of MR images; `too-large` where one
 *   object cannot hold its pixels.
 */
export async function planDicomSeries(
  series: EnhancedSeries,
  now: Date,
  job: JobContext,
  as: DicomForm = 'source',
): Promise<DicomPlan> {
  const { stack, targetStack } = series;
  const sources = new SourceFiles();
  const target = await readTargetFacts(series, sources, job);
  const form = formOf(as, target);
  if (form === 'enhanced') requireOneObject(series);
  const reference: SourceFacts[] = [];
  if (series.reference?.summary.format === 'dicom') {
    for (const place of sourcePlaces(series.reference)) {
      throwIfCancelled(job.signal);
      reference.push(await sources.factsOf(place));
    }
  }
  const factor = storedFactor(
    target.map(({ slope }) => slope),
    rangeOf(targetStack.slices.values().map(({ pixels }) => pixels)),
  );
  // Lazily: a large enhanced series lies on disk, and a slice at a time is read.
  const stored = chooseStoredFormat(
    stack.slices.values().map(({ pixels }) => pixels),
    factor,
  );
  const hashes: string[] = [];
  const extremes: { smallest: number; largest: number }[] = [];
  for (const { pixels } of stack.slices) {
    const { bytes, smallest, largest } = encodeStoredValues(pixels, stored);
    hashes.push(hashOf(bytes));
    extremes.push({ smallest, largest });
    // Lets a request to cancel arrive.
    await setImmediate();
    throwIfCancelled(job.signal);
  }
  const parameters = parametersOf(series);
  const referenceUids = reference.map(nameOf);
  const sopInstanceUids =
    form === 'enhanced'
      ? [uidOf('enhanced-instance', parameters, target.map(nameOf), referenceUids, hashes)]
      : hashes.map((hash, n) => uidOf('instance', parameters, nameOf(target[n]!), referenceUids, hash));
  const seriesUid = uidOf('series', parameters, sopInstanceUids);
  const digits = Math.max(4, String(sopInstanceUids.length).length);
  return {
    series,
    form,
    sources,
    target,
    reference,
    sopInstanceUids,
    names: sopInstanceUids.map((_, n) => `${String(n + 1).padStart(digits, '0')}.dcm`),
    extremes,
    facts: seriesFacts(series, {
      target,
      reference,
      stored,
      seriesUid,
      now,
      conversion: conversionOf(form, target),
    }),
  };
}

function isEnhancedMr({ sopClassUid }: SourceFacts): boolean {
  return sopClassUid === ENHANCED_MR_IMAGE_STORAGE;
}

/** As the source was: what legacy conversion put together is no Enhanced MR, for it says too little. */
function formOf(as: DicomForm, target: readonly SourceFacts[]): DicomPlan['form'] {
  if (as !== 'source') return as;
  return target.every(isEnhancedMr) ? 'enhanced' : 'classic';
}

function conversionOf(form: DicomPlan['form'], target: readonly SourceFacts[]): Conversion | undefined {
  if (form === 'enhanced') return target.every(isEnhancedMr) ? undefined : 'frames-made';
  return target.some(({ frame }) => frame !== undefined) ? 'frames-extracted' : undefined;
}

function requireOneObject({ stack, target }: EnhancedSeries): void {
  const bytes = 2 * stack.columns * stack.rows * stack.slices.length;
  if (bytes <= LONGEST_VALUE) return;
  throw new TandemError(
    'too-large',
    `The enhanced series has ${Math.round(bytes / 2 ** 20)} MB of pixels, and one object holds 4095 MB`,
    { path: target.summary.path, hint: 'Write it as classic MR images, one file a slice (--as classic).' },
  );
}

async function readTargetFacts(
  series: EnhancedSeries,
  sources: SourceFiles,
  job: JobContext,
): Promise<SourceFacts[]> {
  const { stack, targetStack } = series;
  if (stack.slices.length !== targetStack.slices.length || stack.slices.length === 0) {
    throw new TandemError('failed', 'The enhanced series does not have the slices of its target');
  }
  const facts: SourceFacts[] = [];
  for (const { source } of targetStack.slices) {
    throwIfCancelled(job.signal);
    if (source === undefined) {
      throw new TandemError(
        'unsupported-format',
        'DICOM can only be written for a target that came from DICOM',
        {
          path: series.target.summary.path,
          hint: 'Ask for NIfTI (--format nifti).',
        },
      );
    }
    const found = await sources.factsOf(source);
    if (found.sopInstanceUid !== source.sopInstanceUid) {
      throw new TandemError('bad-header', 'The source file is no longer the one that was enhanced', {
        path: source.path,
        hint: 'Enhance the series again.',
      });
    }
    if (!MR_IMAGES.has(found.sopClassUid)) {
      throw new TandemError('unsupported-format', 'DICOM is written for MR images only, which this is not', {
        path: source.path,
        hint: 'Ask for NIfTI (--format nifti).',
      });
    }
    facts.push(found);
  }
  return facts;
}

function seriesFacts(
  series: EnhancedSeries,
  made: {
    readonly target: readonly SourceFacts[];
    readonly reference: readonly SourceFacts[];
    readonly stored: StoredFormat;
    readonly seriesUid: string;
    readonly now: Date;
    readonly conversion: Conversion | undefined;
  },
): EnhancedSeriesFacts {
  const { stack, targetStack, provenance } = series;
  const { model, appVersion } = provenance;
  const stepMm = sliceSpacingMm(targetStack);
  return {
    enhancement: {
      ...provenance,
      targetSeriesUid: made.target[0]!.seriesUid,
      referenceSeriesUid:
        series.reference === undefined ? undefined : (made.reference[0]?.seriesUid ?? 'not DICOM'),
    },
    seriesUid: made.seriesUid,
    targetSeriesNumber: series.target.summary.number,
    deviceUids: {
      application: uidOf('tandem-mr application', appVersion),
      model: uidOf('tandem-mr model', model.weightsSha256),
    },
    stored: made.stored,
    rescaled: made.target.some(({ rescaled }) => rescaled),
    lossy: [...made.target, ...made.reference].some(({ lossy }) => lossy),
    processedAt: made.now,
    localOffsetMinutes: -made.now.getTimezoneOffset(),
    columns: stack.columns,
    rows: stack.rows,
    spacingMm: stack.spacingMm,
    sliceThicknessMm: targetStack.sliceThicknessMm ?? stepMm,
    spacingBetweenSlicesMm: targetStack.slices.length < 2 ? undefined : stepMm,
    iAxisLps: stack.iAxisLps,
    jAxisLps: stack.jAxisLps,
    conversion: made.conversion,
  };
}

function rangeOf(slices: Iterable<Float32Array>): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of slices) {
    for (const value of values) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}
