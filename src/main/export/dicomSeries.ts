import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../core/dicom/derived/encode.ts';
import { type EnhancedSeriesFacts, enhancedSliceDataSet } from '../../core/dicom/derived/enhancedSlice.ts';
import type { InstanceReference, SeriesReference } from '../../core/dicom/derived/references.ts';
import { moveSlab, slabOf, slabsOverlap } from '../../core/dicom/derived/slab.ts';
import {
  chooseStoredFormat,
  encodeStoredValues,
  type StoredFormat,
  storedFactor,
} from '../../core/dicom/derived/storedValues.ts';
import { MR_IMAGE_STORAGE } from '../../core/dicom/derived/uids.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { slicePositionsMm, sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import type { Deidentifier } from '../deidentify/deidentifier.ts';
import type { SeriesEntry } from '../studies/types.ts';
import type { EnhancedSeries } from '../superres/types.ts';
import { type SourceFacts, SourceFiles, type SourcePlace } from './sourceSlices.ts';
import { hashOf, parametersOf, uidOf } from './uids.ts';

/** Classic, enhanced and legacy converted enhanced MR images; all are written as classic ones. */
const MR_IMAGES: ReadonlySet<string> = new Set([
  MR_IMAGE_STORAGE,
  '1.2.840.10008.5.1.4.1.1.4.1',
  '1.2.840.10008.5.1.4.1.1.4.4',
]);

/** A DICOM export, decided but not written: everything that holds for the whole series. */
export interface DicomPlan {
  readonly series: EnhancedSeries;
  readonly facts: EnhancedSeriesFacts;
  readonly sources: SourceFiles;
  readonly target: readonly SourceFacts[];
  readonly reference: readonly SourceFacts[];
  readonly sopInstanceUids: readonly string[];
  readonly names: readonly string[];
  /** Applied to each data set as it is written. */
  readonly deidentifier?: Deidentifier | undefined;
}

/**
 * Reads the headers of all sources, decides how values are stored and names the instances. UIDs follow from
 * sources, weights, parameters and the stored pixels: the same result exported again has the same ones.
 *
 * @throws TandemError `unsupported-format` where the target is not a series of MR images.
 */
export async function planDicomSeries(
  series: EnhancedSeries,
  now: Date,
  job: JobContext,
): Promise<DicomPlan> {
  const { stack, targetStack, provenance } = series;
  const sources = new SourceFiles();
  const target = await readTargetFacts(series, sources, job);
  const reference: SourceFacts[] = [];
  if (series.reference?.summary.format === 'dicom') {
    for (const place of sourcePlaces(series.reference)) {
      throwIfCancelled(job.signal);
      reference.push(await sources.factsOf(place));
    }
  }
  const factor = storedFactor(
    target.map(({ slope }) => slope),
    rangeOf(targetStack.slices.map(({ pixels }) => pixels)),
  );
  // Lazily: a large enhanced series lies on disk, and a slice at a time is read.
  const stored = chooseStoredFormat(
    stack.slices.values().map(({ pixels }) => pixels),
    factor,
  );
  const parameters = parametersOf(series);
  const referenceUids = reference.map(nameOf);
  const sopInstanceUids: string[] = [];
  for (const [n, { pixels }] of stack.slices.entries()) {
    const hash = hashOf(encodeStoredValues(pixels, stored).bytes);
    sopInstanceUids.push(uidOf('instance', parameters, nameOf(target[n]!), referenceUids, hash));
    // Lets a request to cancel arrive.
    await setImmediate();
    throwIfCancelled(job.signal);
  }
  const seriesUid = uidOf('series', parameters, sopInstanceUids);
  const digits = Math.max(4, String(stack.slices.length).length);
  return {
    series,
    sources,
    target,
    reference,
    sopInstanceUids,
    names: stack.slices.map((_, n) => `${String(n + 1).padStart(digits, '0')}.dcm`),
    facts: seriesFacts(series, { target, reference, stored, seriesUid, now, provenance }),
  };
}

/** Writes the slices of a plan into a folder, one at a time, so that memory does not grow with the series. */
export async function writeDicomSeries(plan: DicomPlan, folder: string, job: JobContext): Promise<void> {
  const total = plan.names.length;
  for (const [n, name] of plan.names.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'exporting', done: n, total });
    const file = await open(join(folder, name), 'wx');
    try {
      await file.writeFile(await encodeSlice(plan, n));
    } finally {
      await file.close();
    }
  }
  job.progress({ stage: 'exporting', done: total, total });
}

async function encodeSlice(plan: DicomPlan, n: number): Promise<Uint8Array> {
  return encodeDicomFile(await sliceDataSet(plan, n));
}

/** The object of slice n as it is written: de-identified where that was asked for. */
export async function sliceDataSet(plan: DicomPlan, n: number): Promise<DataSet> {
  const { series, facts, sources, target, deidentifier } = plan;
  const slice = series.stack.slices[n]!;
  const source = target[n]!;
  const dataSet = enhancedSliceDataSet(await sources.elementsOf(source), facts, {
    sopInstanceUid: plan.sopInstanceUids[n]!,
    instanceNumber: n + 1,
    positionLps: slice.positionLps,
    sliceLocationMm: slicePositionsMm(series.stack)[n]!,
    target: { studyUid: source.studyUid, seriesUid: source.seriesUid, instances: [referenceTo(source)] },
    reference: referenceOf(plan, n),
    pixels: encodeStoredValues(slice.pixels, facts.stored),
  });
  return deidentifier?.dataSet(dataSet) ?? dataSet;
}

/** The reference's slices that overlap target slice n where registration put them. */
function referenceOf(plan: DicomPlan, n: number): SeriesReference | undefined {
  const first = plan.reference[0];
  if (first === undefined) return undefined;
  const { targetStack, fixedToMoving } = plan.series;
  const here = slabOf({
    ...targetStack,
    positionLps: targetStack.slices[n]!.positionLps,
    thicknessMm: plan.facts.sliceThicknessMm,
  });
  const moved = moveSlab(here, fixedToMoving ?? IDENTITY_AFFINE);
  const overlapping = plan.reference.filter(({ slab }) => slab === undefined || slabsOverlap(moved, slab));
  return { studyUid: first.studyUid, seriesUid: first.seriesUid, instances: overlapping.map(referenceTo) };
}

/** Names one image among all; the frames of a file have its UID alone. */
function nameOf({ sopInstanceUid, frame, tile }: SourceFacts): string {
  if (frame === undefined && tile === undefined) return sopInstanceUid;
  return JSON.stringify([sopInstanceUid, frame, tile?.row, tile?.column]);
}

/** A source as other objects name it: frames are counted from 1. */
export function referenceTo({ sopClassUid, sopInstanceUid, frame }: SourceFacts): InstanceReference {
  return { sopClassUid, sopInstanceUid, frame: frame === undefined ? undefined : frame + 1 };
}

/** Where the slices of a series are, for reading their headers. */
export function sourcePlaces({ files, slices }: SeriesEntry): SourcePlace[] {
  if (slices === undefined) return files.map((path) => ({ path }));
  return slices.map(({ file, frame, tile }) => ({ path: files[file]!, frame, tile }));
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
    readonly provenance: EnhancedSeries['provenance'];
  },
): EnhancedSeriesFacts {
  const { stack, targetStack } = series;
  const { model, appVersion } = made.provenance;
  const stepMm = sliceSpacingMm(targetStack);
  return {
    enhancement: {
      ...made.provenance,
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
  };
}

function rangeOf(slices: readonly Float32Array[]): { min: number; max: number } {
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
