import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ValidationReport } from '../../core/contract/validating.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../core/dicom/derived/encode.ts';
import { planesOfStack } from '../../core/dicom/derived/planes.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { canonicalJson } from '../../core/dicom/derived/provenanceBlock.ts';
import { type Segment, segmentationDataSet } from '../../core/dicom/derived/segmentation.ts';
import { MEASURED, structuredReportDataSet, UNITS } from '../../core/dicom/derived/structuredReport.ts';
import { SEGMENTATION_STORAGE } from '../../core/dicom/derived/uids.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { encodeNifti } from '../../core/nifti/write.ts';
import { slicesOntoGrid } from '../../core/segmentation/labelVolume.ts';
import type { SegmentLabel } from '../../core/segmentation/modelSpec.ts';
import { chooseSliceAxis, stackGrid, stackToVolume } from '../../core/volume/convert.ts';
import { gridFromAffine } from '../../core/volume/grid.ts';
import type { Volume } from '../../core/volume/volume.ts';
import type { Deidentifier } from '../deidentify/deidentifier.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import { COMPANION_SERIES, companionFacts } from '../export/companionFacts.ts';
import { companionSource } from '../export/companionSource.ts';
import { gzipped } from '../export/gzip.ts';
import { uidOf } from '../export/uids.ts';
import { readNiftiHeader } from '../studies/niftiFile.ts';
import { readError } from '../studies/readErrors.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { checkWritten } from '../validate/checkWritten.ts';
import { appVersion } from '../version.ts';
import type { ImageFacts } from './imageOf.ts';
import { meaningOf } from './meanings.ts';
import { segmentationStack } from './store.ts';
import { markedName, type SegmentationFacts, type SegmentationSummary } from './summary.ts';

export type SegmentationFormat = 'dicom-seg' | 'nifti';

/** As the series came, where nobody asks for one. */
export function formatOf({ summary }: SeriesEntry): SegmentationFormat {
  return summary.format === 'dicom' ? 'dicom-seg' : 'nifti';
}

/** Throws `unsupported-format`, `bad-geometry`: before the long work, not after it. */
export function checkFormat(
  format: SegmentationFormat,
  { entry, geometry, positionsLps, isDerived }: ImageFacts,
): void {
  const { summary } = entry;
  if (format === 'dicom-seg' && summary.format !== 'dicom') {
    throw new TandemError(
      'unsupported-format',
      'A series that came as NIfTI has no patient or study to file a DICOM segmentation under',
      { path: summary.path, hint: 'Ask for NIfTI (--format nifti).' },
    );
  }
  if (format === 'nifti' && (summary.format === 'dicom' || isDerived)) {
    const slices = positionsLps.map((positionLps) => ({ positionLps, pixels: new Float32Array(0) }));
    try {
      stackGrid({ ...geometry, slices });
    } catch (error) {
      throw readError(error, summary.path);
    }
  }
}

export interface WrittenSegmentation {
  readonly folder: string;
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly validation: ValidationReport | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/**
 * Writes a segmentation into a folder, whole or not at all, on the image's own grid. `dicom-seg`: a segmentation
 * with one segment a label (`segmentation.dcm`) and the volumes as structured report (`report.dcm`), checked; where
 * nothing was found the report alone, which says 0 ml: DICOM has no segmentation without a frame. `nifti`: the
 * labelmap (`segmentation.nii.gz`), all zeros where nothing was found, and the numbers (`segmentation.json`).
 */
export async function exportSegmentation(
  facts: SegmentationFacts,
  summary: SegmentationSummary,
  out: string,
  format: SegmentationFormat,
  deidentifier: Deidentifier | undefined,
  job: JobContext,
): Promise<WrittenSegmentation> {
  const folder = resolve(out);
  const made = format === 'nifti' ? await asNifti(facts, summary, job) : await asDicom(facts, summary, job);
  job.progress({ stage: 'exporting', done: 0, total: made.size });
  await writeFolderAtomically(
    folder,
    async (temporary) => {
      for (const [name, content] of made) {
        const bytes =
          content instanceof Uint8Array
            ? content
            : encodeDicomFile(deidentifier?.dataSet(content) ?? content);
        await writeFile(join(temporary, name), bytes, { flag: 'wx' });
      }
    },
    { signal: job.signal },
  );
  const files = [...made.keys()].map((name) => join(folder, name));
  const warnings =
    format === 'dicom-seg' && summary.nothingFound
      ? [
          {
            code: 'nothing-found',
            message: `${facts.correction === undefined ? 'Nothing was found' : 'Nothing is left of what was found'}: the report says 0 ml, and there is no segmentation, which must have a frame.`,
          },
        ]
      : [];
  if (format === 'nifti') return { folder, files, validation: null, warnings };
  const validation = await checkWritten(
    { files, sources: [facts.image.entry], isDeidentified: deidentifier !== undefined },
    job,
  );
  return { folder, files, validation, warnings };
}

type Made = Map<string, DataSet | Uint8Array>;

async function asNifti(
  facts: SegmentationFacts,
  summary: SegmentationSummary,
  job: JobContext,
): Promise<Made> {
  const volume = await labelVolume(facts);
  const how = facts.correction === undefined ? '' : ', corrected';
  const description = `RUO preview${how}, ${markedName(facts).slice(0, 36)}, Tandem MR ${appVersion}`;
  const bytes = encodeNifti(volume, { description, dataType: 'int16' });
  const { weights, version } = facts.model.card;
  const said = {
    ...summary,
    image: facts.image.words,
    modelVersion: version,
    weightsSha256: weights.sha256,
    appVersion,
  };
  return new Map([
    ['segmentation.nii.gz', await gzipped(bytes, job.signal)],
    ['segmentation.json', new TextEncoder().encode(`${JSON.stringify(said, null, 2)}\n`)],
  ]);
}

/** The labels on the grid of the file that the series came from; of DICOM, and enhanced, on that of its slices. */
async function labelVolume(facts: SegmentationFacts): Promise<Volume> {
  const { image, found } = facts;
  const { entry } = image;
  if (entry.summary.format === 'nifti' && !image.isDerived) {
    const { size, affineLps } = await readNiftiHeader(entry.files[0]!);
    const grid = gridFromAffine(size, affineLps);
    return slicesOntoGrid(found.labels, grid, chooseSliceAxis(grid));
  }
  return stackToVolume(segmentationStack(facts));
}

async function asDicom(
  facts: SegmentationFacts,
  summary: SegmentationSummary,
  job: JobContext,
): Promise<Made> {
  const { model, image, found, state } = facts;
  const { entry } = image;
  const source = await companionSource(entry, job);
  const made: Made = new Map();
  const segments = model.card.spec.labels.map((label) => segmentOf(label, facts, source.seriesUid));
  const content = [segments, summary.labelsSha256, image.words];
  // Of whoever made the image, else of whoever segmented it.
  const mark = image.mark ?? unacceptedMark(state) ?? source.mark;
  const segmentation = companionFacts(
    entry.summary.number,
    source,
    COMPANION_SERIES.segmentation,
    content,
    mark,
  );
  if (!summary.nothingFound) {
    const labelmap = { planes: planesOfStack(segmentationStack(facts)), slices: found.labels };
    made.set(
      'segmentation.dcm',
      segmentationDataSet(source, labelmap, segments, {
        ...segmentation,
        content: {
          label: 'PREVIEW',
          description: `RUO preview${facts.correction === undefined ? '' : ', corrected'}, ${image.words}`,
        },
      }),
    );
  }
  const groups = segments.map((segment, index) => ({
    trackingId: segment.tracking!.id,
    trackingUid: segment.tracking!.uid,
    finding: segment.type,
    segment: summary.nothingFound
      ? undefined
      : {
          segmentation: {
            sopClassUid: SEGMENTATION_STORAGE,
            sopInstanceUid: segmentation.sopInstanceUid,
            studyUid: source.studyUid,
            seriesUid: segmentation.seriesUid,
          },
          number: index + 1,
        },
    source,
    measurements: [{ name: MEASURED.volume, value: summary.labels[index]!.ml, units: UNITS.ml }],
  }));
  const measured = [content, groups.map(({ measurements }) => measurements)];
  const report = companionFacts(entry.summary.number, source, COMPANION_SERIES.report, measured, mark);
  made.set('report.dcm', structuredReportDataSet(source, { groups }, report));
  return made;
}

/** Of a Segment Label (LO). What it is said to be must not be cut off. */
const LABEL_LENGTH = 64;

function segmentOf(label: SegmentLabel, facts: SegmentationFacts, seriesUid: string): Segment {
  const { model, contrasts, report, image, state, correction } = facts;
  const { spec, weights, version } = model.card;
  const how = correction === undefined ? 'preview' : 'preview, corrected';
  const id = `${label.name}, ${how}, ${image.words}, ${markedName(facts)}`;
  const suffix = ` (${how}, RUO)`;
  return {
    value: label.value,
    ...meaningOf(label),
    label: `${label.name.slice(0, LABEL_LENGTH - suffix.length)}${suffix}`,
    algorithm: {
      type: correction === undefined ? 'AUTOMATIC' : 'SEMIAUTOMATIC',
      name: markedName(facts),
      version,
      parameters: canonicalJson({
        weightsSha256: weights.sha256,
        state,
        image: image.words,
        contrasts,
        registration: report?.verdict ?? 'none',
        threshold: spec.threshold,
        flips: spec.flips,
        keep: spec.keep,
        ...(correction !== undefined && { correctedByHand: correction }),
      }),
    },
    colorRgb: label.colorRgb ?? [230, 70, 70],
    tracking: { id, uid: uidOf('segmentation tracking', seriesUid, id) },
  };
}
