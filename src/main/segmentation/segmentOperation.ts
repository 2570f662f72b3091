import type { Request, Result } from '../../core/contract/operations.ts';
import type { RegistrationReport } from '../../core/contract/schemas.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { sha256 } from '../audit/entry.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { checkOutputFolder } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { affineGiven } from '../registration/givenTransform.ts';
import { chooseDevice } from '../runtime/devices.ts';
import { loadSeries } from '../studies/load.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { type Placement, registerPair } from '../superres/registerPair.ts';
import { checkFormat, exportSegmentation, formatOf } from './exportSegmentation.ts';
import { type ImageToSegment, imageFacts, imageToSegment, refuseItself, shareFrame } from './imageOf.ts';
import { loadSegmentationPackage, type SegmentationPackage } from './packages/loadPackage.ts';
import { type PlacedContrast, segmentSeries } from './run/segmentSeries.ts';
import { stateOfSegmentation } from './stateOfPackage.ts';
import { keepSegmentation } from './store.ts';
import { labelsHash, type SegmentationFacts, summaryOf } from './summary.ts';

type Warning = Result<'segment'>['warnings'][number];

/** What a request's reference came to. */
interface Guide {
  readonly placed: PlacedContrast;
  readonly name: string;
  readonly entry: SeriesEntry | undefined;
  readonly report: RegistrationReport | null;
}

/**
 * Finds what a model knows in an image, keeps it for `volume`, and writes it where asked. What can be known to
 * fail without reading pixels fails first.
 */
export const segmentOperation: Handler<'segment'> = async (request, job) => {
  const start = performance.now();
  const model = await loadSegmentationPackage(request.model);
  if (request.out !== undefined) await checkOutputFolder(request.out);
  const deidentifier =
    request.deidentify === undefined ? undefined : await makeDeidentifier(request.deidentify);
  const device = await chooseDevice(request.device);
  const image = await imageToSegment(request.image, job);
  const { entry } = image.source;
  const format = request.format ?? formatOf(entry);
  if (request.out !== undefined) checkFormat(format, imageFacts(image));
  const guide = await guideOf(request, image, model, job);
  const others = contrastsAfterFirst(model, guide);
  const state = await stateOfSegmentation(model);
  const found = await segmentSeries(model, image.stack, others, device, job);
  const contrasts = contrastNames(model, guide);
  const facts: SegmentationFacts = {
    model,
    state,
    image: imageFacts(image),
    found,
    contrasts,
    report: guide?.report ?? null,
    device: device.kind,
  };
  job.evidence?.({
    model: {
      id: model.id,
      version: model.card.version,
      weightsSha256: model.card.weights.sha256,
      state,
    },
    inputs: [
      { role: 'series', studySha256: sha256(entry.studyUid), seriesSha256: sha256(entry.summary.uid) },
      ...(guide?.entry === undefined
        ? []
        : [
            {
              role: 'reference',
              studySha256: sha256(guide.entry.studyUid),
              seriesSha256: sha256(guide.entry.summary.uid),
            },
          ]),
    ],
    settings: { ranOn: device.kind, image: image.words, nothingFound: found.parts.length === 0 },
    outputs: { labels: labelsHash(found) },
  });
  const summary = summaryOf(facts);
  const written =
    request.out === undefined
      ? undefined
      : await exportSegmentation(facts, summary, request.out, format, deidentifier, job);
  return {
    id: keepSegmentation(facts),
    ...summary,
    workers: found.workers,
    output: written === undefined ? null : { folder: written.folder, files: [...written.files] },
    validation: written?.validation ?? null,
    seconds: (performance.now() - start) / 1000,
    warnings: [...warningsOf(facts, image, request, guide), ...(written?.warnings ?? [])],
  };
};

/** The second contrast where it lies; undefined where there is none. */
async function guideOf(
  request: Request<'segment'>,
  image: ImageToSegment,
  model: SegmentationPackage,
  job: JobContext,
): Promise<Guide | undefined> {
  const isWanted = model.card.spec.contrasts.length > 1;
  if (!isWanted) return undefined;
  const { reference: selector, alignment } = request;
  if (selector === undefined) {
    const own = image.enhanced;
    if (own?.reference === undefined) return undefined;
    const { reference, provenance } = own.series;
    const name = reference?.summary.contrast.name ?? 'unknown';
    return { placed: own.reference, name, entry: reference, report: provenance.registration };
  }
  const entry = await resolveSeries(selector, job);
  refuseItself(image.source.entry, entry);
  const reference = await loadSeries(entry, job);
  const volume = regularVolume(reference.stack, entry.summary.path);
  const placement = await placementOf(request.registration, alignment, shareFrame(image.source.entry, entry));
  const options = { placement, acceptRegistration: request.acceptRegistration };
  const { report, fixedToMoving } = await registerPair(options, image.source, reference, volume, job);
  const { name } = entry.summary.contrast;
  return { placed: { volume, transform: fixedToMoving }, name, entry, report };
}

async function placementOf(
  registration: Request<'segment'>['registration'],
  alignment: Request<'segment'>['alignment'],
  oneFrame: boolean,
): Promise<Placement> {
  if (alignment !== undefined) {
    return { kind: 'given', motion: await affineGiven(alignment), by: alignment.by };
  }
  const headers = registration === 'none' || (registration === 'auto' && oneFrame);
  return { kind: headers ? 'headers' : 'register' };
}

/** Throws `no-reference` where a contrast is missing that the model cannot do without. */
function contrastsAfterFirst(
  { id, card }: SegmentationPackage,
  guide: Guide | undefined,
): (PlacedContrast | null)[] {
  return card.spec.contrasts.slice(1).map(({ name, required }, n) => {
    const given = n === 0 ? (guide?.placed ?? null) : null;
    if (given === null && required) {
      throw new TandemError('no-reference', `The model ${id} cannot do without ${name.toUpperCase()}`, {
        hint: 'Name it with --reference, or choose a model that can.',
      });
    }
    return given;
  });
}

function contrastNames({ card }: SegmentationPackage, guide: Guide | undefined) {
  const names = card.spec.contrasts.map(({ name }) => name);
  const count = guide === undefined ? 1 : 2;
  return { given: names.slice(0, count), missing: names.slice(count) };
}

function warningsOf(
  { model, state, found, contrasts }: SegmentationFacts,
  image: ImageToSegment,
  request: Request<'segment'>,
  guide: Guide | undefined,
): Warning[] {
  const { spec, envelope } = model.card;
  const { summary } = image.source.entry;
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  for (const { code, message } of image.source.warnings ?? []) warn(code, `In the series: ${message}.`);
  if (contrasts.missing.length > 0) {
    const names = contrasts.missing.map((name) => name.toUpperCase()).join(', ');
    warn('contrast-missing', `The model was trained with ${names} too, and did without: expect less of it.`);
  }
  const known = envelope?.first ?? [spec.contrasts[0]!.name];
  const seen = summary.contrast.name;
  if (seen !== 'unknown' && seen !== 'derived' && !known.includes(seen)) {
    warn(
      'outside-model-envelope',
      `The series looks like ${seen.toUpperCase()}; the model knows ${known.map((name) => name.toUpperCase()).join(', ')}.`,
    );
  }
  const second = spec.contrasts[1]?.name;
  if (guide !== undefined && guide.name !== 'unknown' && guide.name !== 'derived' && guide.name !== second) {
    warn(
      'outside-model-envelope',
      `The reference looks like ${guide.name.toUpperCase()}; the model was trained with ${second?.toUpperCase()}.`,
    );
  }
  if (!found.view.axial) {
    warn('outside-model-envelope', 'The slices are not axial; the model was trained on axial ones alone.');
  }
  const { grid } = found.view;
  const widest = Math.max(grid.columns * grid.spacingMm[0], grid.rows * grid.spacingMm[1]);
  const canvasMm = spec.canvas.size * spec.canvas.pixelMm;
  if (widest > canvasMm + 1) {
    warn(
      'canvas-smaller',
      `The model sees the middle ${canvasMm} mm of slices ${Math.round(widest)} mm wide: nothing is found beyond.`,
    );
  }
  if (request.reference !== undefined && guide === undefined) {
    warn('reference-not-used', `The model ${model.id} sees one contrast: the reference was not used.`);
  }
  if (guide?.report?.verdict === 'untrusted') {
    warn(
      'registration-untrusted',
      `The registration is not to be trusted and was accepted on request: ${guide.report.reasons.join(' ')}`,
    );
  }
  const mark = unacceptedMark(state);
  if (mark !== undefined) {
    const why = state === 'retired' ? 'was retired at this site' : 'was not accepted at this site';
    warn('model-not-accepted', `The model ${model.id} ${why}. What it makes is marked ${mark}.`);
  }
  return warnings;
}
