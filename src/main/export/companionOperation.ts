import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { measurementsFile, type SegmentsFile } from '../../core/contract/companions.ts';
import type { Request, Result } from '../../core/contract/operations.ts';
import type { CompanionFacts, SourceSeries } from '../../core/dicom/derived/companion.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../core/dicom/derived/encode.ts';
import { parametricMapDataSet, QUANTITIES } from '../../core/dicom/derived/parametricMap.ts';
import type { ReadSegment } from '../../core/dicom/derived/readSegmentation.ts';
import { type Segment, segmentationDataSet } from '../../core/dicom/derived/segmentation.ts';
import { SEGMENT_MEANINGS } from '../../core/dicom/derived/segmentCodes.ts';
import {
  MEASURED,
  STATISTICS,
  structuredReportDataSet,
  UNITS,
} from '../../core/dicom/derived/structuredReport.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { sha256 } from '../audit/entry.ts';
import { inputOf } from '../audit/seriesEvidence.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import type { Handler } from '../host/handler.ts';
import { readTransform } from '../registration/readTransform.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { checkWritten } from '../validate/checkWritten.ts';
import { writeFileAtomically } from './atomic.ts';
import { COMPANION_SERIES, companionFacts } from './companionFacts.ts';
import {
  codeNamed,
  jsonFile,
  labelsOnPlanes,
  niftiOnPlanes,
  optionalCode,
  readSegmentationReference,
} from './companionInputs.ts';
import { companionSource } from './companionSource.ts';
import { registrationCompanion } from './registrationCompanion.ts';
import { uidOf } from './uids.ts';

type Asked<K extends Request<'exportCompanion'>['kind']> = Extract<Request<'exportCompanion'>, { kind: K }>;
type Made = Pick<Result<'exportCompanion'>, 'sopInstanceUid' | 'seriesUid' | 'frames'> & {
  readonly dataSet: DataSet;
  /** The series that it names. */
  readonly sources: readonly SeriesEntry[];
  /** Files of other objects that it names. */
  readonly named?: readonly string[];
};

/** Writes a segmentation, a map, a registration or a report beside a series, one DICOM file, and checks it. */
export const companionOperation: Handler<'exportCompanion'> = async (request, job) => {
  const deidentifier =
    request.deidentify === undefined ? undefined : await makeDeidentifier(request.deidentify);
  const { dataSet, sopInstanceUid, seriesUid, frames, sources, named } = await make(request, job);
  const written = deidentifier?.uid(seriesUid) ?? seriesUid;
  job.evidence?.({
    inputs: sources.map((entry) => inputOf('series', entry)),
    outputs: { series: sha256(written) },
  });
  const path = resolve(request.out);
  await writeFileAtomically(path, encodeDicomFile(deidentifier?.dataSet(dataSet) ?? dataSet));
  return {
    path,
    kind: request.kind,
    sopInstanceUid: deidentifier?.uid(sopInstanceUid) ?? sopInstanceUid,
    seriesUid: written,
    frames,
    validation: await checkWritten(
      { files: [path], sources, named, isDeidentified: deidentifier !== undefined },
      job,
    ),
  };
};

function make(request: Request<'exportCompanion'>, job: JobContext): Promise<Made> {
  switch (request.kind) {
    case 'segmentation':
      return segmentation(request, job);
    case 'parametric-map':
      return parametricMap(request, job);
    case 'spatial-registration':
      return spatialRegistration(request, job);
    case 'measurement-report':
      return measurementReport(request, job);
  }
}

async function segmentation(asked: Asked<'segmentation'>, job: JobContext): Promise<Made> {
  const { entry, source } = await seriesAndSource(asked.series, job);
  const { planes, slices, described } = await labelsOnPlanes(asked.labels, entry, job.signal);
  const segments = segmentsOf(asked, described);
  const facts = companionFacts(entry.summary.number, source, COMPANION_SERIES.segmentation, [
    segments,
    slices.map(hashOf),
  ]);
  const dataSet = segmentationDataSet(source, { planes, slices }, segments, {
    ...facts,
    content: { label: 'SEGMENTATION', description: segments.map(({ label }) => label).join(', ') },
  });
  return { dataSet, sources: [entry], ...uidsOf(facts), frames: framesOf(dataSet) };
}

/** What the request says of labels, over what the labelmap itself does. @throws TandemError `usage` where nobody does */
function segmentsOf(
  { segments, labels }: Asked<'segmentation'>,
  described: readonly ReadSegment[],
): Segment[] {
  const asked = (segments ?? []).map(segmentOf);
  const own = described.filter(({ number }) => !asked.some(({ value }) => value === number));
  const all = [...own.map((segment) => describedSegment(segment, labels)), ...asked];
  if (all.length > 0) return all.sort((a, b) => a.value - b.value);
  throw new TandemError('usage', 'It is not said what the labels are', {
    path: labels,
    hint: 'Name them, as --segments 1=edema does: only a DICOM Segmentation says so itself.',
  });
}

function describedSegment(segment: ReadSegment, path: string): Segment {
  const { number, category, type } = segment;
  if (category === undefined || type === undefined) {
    throw new TandemError('usage', `The segmentation does not say what its segment ${number} is`, {
      path,
      hint: `Name it, as --segments ${number}=edema does.`,
    });
  }
  return { ...segment, value: number, category, type };
}

function segmentOf(asked: SegmentsFile[number]): Segment {
  const named = asked.meaning === undefined ? undefined : SEGMENT_MEANINGS[asked.meaning];
  if (asked.meaning !== undefined && named === undefined) {
    throw new TandemError('usage', `“${asked.meaning}” is no segment that has a name`, {
      hint: `Names: ${Object.keys(SEGMENT_MEANINGS).join(', ')}; or give category and type as codes.`,
    });
  }
  const category = asked.category ?? named?.category;
  const type = asked.type ?? named?.type;
  if (category === undefined || type === undefined) {
    throw new TandemError('usage', `Label ${asked.value} needs a meaning, or category and type as codes`);
  }
  return {
    ...asked,
    category,
    type,
    label: asked.label ?? type.meaning,
    algorithm: asked.algorithm ?? { type: 'SEMIAUTOMATIC', name: 'not stated' },
  };
}

async function parametricMap(asked: Asked<'parametric-map'>, job: JobContext): Promise<Made> {
  const { entry, source } = await seriesAndSource(asked.series, job);
  const map = await niftiOnPlanes(asked.values, entry.geometry, job.signal);
  const quantity = codeNamed(asked.quantity, QUANTITIES, 'quantity');
  const units = codeNamed(asked.units, UNITS, 'unit');
  const facts = companionFacts(entry.summary.number, source, COMPANION_SERIES.map, [
    quantity,
    units,
    map.slices.map(hashOf),
  ]);
  const dataSet = parametricMapDataSet(
    source,
    map,
    { quantity, units, label: quantity.meaning, explanation: quantity.meaning },
    { ...facts, content: { label: 'MAP', description: quantity.meaning } },
  );
  return { dataSet, sources: [entry], ...uidsOf(facts), frames: framesOf(dataSet) };
}

async function spatialRegistration(asked: Asked<'spatial-registration'>, job: JobContext): Promise<Made> {
  const target = await resolveSeries(asked.target, job);
  const reference = await resolveSeries(asked.reference, job);
  const transform = await readTransform(asked.transform);
  const { dataSet, facts } = await registrationCompanion(target, reference, transform, job);
  return { dataSet, sources: [target, reference], ...uidsOf(facts), frames: null };
}

async function measurementReport(asked: Asked<'measurement-report'>, job: JobContext): Promise<Made> {
  const { entry, source } = await seriesAndSource(asked.series, job);
  const { groups, person, procedure } = await jsonFile(asked.measurements, measurementsFile);
  const facts = companionFacts(entry.summary.number, source, COMPANION_SERIES.report, [
    groups,
    person,
    procedure,
  ]);
  const findings = Object.fromEntries(
    Object.entries(SEGMENT_MEANINGS).map(([name, { type }]) => [name, type]),
  );
  const reported = [];
  for (const group of groups) {
    reported.push({
      trackingId: group.trackingId,
      trackingUid: group.trackingUid ?? uidOf('tracking', source.seriesUid, group.trackingId),
      finding: optionalCode(group.finding, findings, 'finding'),
      findingSite: optionalCode(group.findingSite, findings, 'finding site'),
      segment: group.segment && {
        segmentation: await readSegmentationReference(resolve(group.segment.file)),
        number: group.segment.number,
      },
      source,
      measurements: group.measurements.map(({ name, value, units, derivation }) => ({
        name: codeNamed(name, MEASURED, 'quantity'),
        value,
        units: codeNamed(units, UNITS, 'unit'),
        derivation: optionalCode(derivation, STATISTICS, 'derivation'),
      })),
    });
  }
  const dataSet = structuredReportDataSet(source, { groups: reported, person, procedure }, facts);
  const named = groups.flatMap(({ segment }) => (segment === undefined ? [] : [resolve(segment.file)]));
  return { dataSet, sources: [entry], named, ...uidsOf(facts), frames: null };
}

async function seriesAndSource(
  selector: Parameters<typeof resolveSeries>[0],
  job: JobContext,
): Promise<{ entry: SeriesEntry; source: SourceSeries }> {
  const entry = await resolveSeries(selector, job);
  return { entry, source: await companionSource(entry, job) };
}

const uidsOf = ({ sopInstanceUid, seriesUid }: CompanionFacts) => ({ sopInstanceUid, seriesUid });

const NUMBER_OF_FRAMES = 0x00280008;

function framesOf(dataSet: DataSet): number {
  const value = dataSet.find(({ tag }) => tag === NUMBER_OF_FRAMES)?.value as Uint8Array;
  return Number(String.fromCharCode(...value));
}

function hashOf(slice: Float32Array): string {
  const bytes = new Uint8Array(slice.buffer, slice.byteOffset, slice.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}
