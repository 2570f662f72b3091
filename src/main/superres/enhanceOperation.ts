import type { ModelState } from '../../core/contract/modelStates.ts';
import type { Request, Result } from '../../core/contract/operations.ts';
import type { RegistrationReport, SeriesSummary } from '../../core/contract/schemas.ts';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { TandemError, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { networkNamed } from '../../core/networks/index.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { sliceSpacingMm } from '../../core/volume/sliceStack.ts';
import { sha256 } from '../audit/entry.ts';
import { seriesEvidence } from '../audit/seriesEvidence.ts';
import { makeDeidentifier } from '../deidentify/deidentifier.ts';
import { checkOutputFolder } from '../export/atomic.ts';
import { exportEnhanced } from '../export/exportEnhanced.ts';
import { checkDicomForm } from '../export/mrFrameOf.ts';
import type { Handler } from '../host/handler.ts';
import { listModelPackages } from '../models/listModelPackages.ts';
import { loadModelPackage, type ModelPackage } from '../models/loadModelPackage.ts';
import { stateOf } from '../models/standing.ts';
import { affineGiven } from '../registration/givenTransform.ts';
import { chooseDevice } from '../runtime/devices.ts';
import { loadSeries } from '../studies/load.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import { resolveSeries } from '../studies/resolve.ts';
import type { LoadedSeries, SeriesEntry } from '../studies/types.ts';
import { checkWritten } from '../validate/checkWritten.ts';
import { appVersion } from '../version.ts';
import { enhancedGeometry, enhanceStack } from './enhanceStack.ts';
import { envelopeWarnings } from './envelope.ts';
import { NO_REFERENCE, type Placement, registerPair, withCoverage } from './registerPair.ts';
import { RunningResult } from './runningResult.ts';
import { paceOf, rememberSpeed, speedKey } from './speeds.ts';
import { enhancedStore, type StoredSeries } from './store.ts';
import { noteWritten, storeResult } from './storedResult.ts';
import type { EnhancedSeries } from './types.ts';

type Output = Result<'enhance'>['output'];
type ResultWarning = Result<'enhance'>['warnings'][number];

/**
 * Enhances a target: reads it and its reference, registers, runs the model over the slices, keeps the
 * enhanced series for `volume` and `export`, and writes it where asked. What can be known to fail without
 * reading pixels fails first.
 */
export const enhanceOperation: Handler<'enhance'> = async (request, job) => {
  const start = performance.now();
  const model = await modelOfScale(request);
  const usesReference = networkNamed(model.card.network).usesReference;
  if (usesReference && request.reference === undefined) {
    throw new TandemError('no-reference', `The model ${model.id} needs a reference`, {
      hint: 'Name one with --reference, or choose a model for single images.',
    });
  }
  const placement = await placementOf(request, usesReference);
  if (request.out !== undefined) await checkOutputFolder(request.out);
  const deidentifier =
    request.deidentify === undefined ? undefined : await makeDeidentifier(request.deidentify);
  const device = await chooseDevice(request.device);

  const targetEntry = await resolveSeries(request.target, job);
  const format = request.format ?? targetEntry.summary.format;
  if (request.out !== undefined) checkFormat(format, targetEntry.summary);
  if (request.out !== undefined && format === 'dicom') await checkDicomForm(targetEntry, request.as);
  const referenceEntry =
    usesReference && request.reference ? await resolveSeries(request.reference, job) : undefined;
  if (referenceEntry?.summary.uid === targetEntry.summary.uid) {
    throw new TandemError('usage', 'The reference is the target itself', {
      hint: 'Name a series of another contrast as the reference.',
    });
  }

  const target = await loadSeries(targetEntry, job, { plane: request.plane });
  const reference = referenceEntry && (await loadSeries(referenceEntry, job));
  // A NIfTI needs a regular grid: said before the long work, not after it.
  if (request.out !== undefined && format === 'nifti') regularVolume(target.stack, targetEntry.summary.path);
  const referenceVolume = reference && regularVolume(reference.stack, reference.entry.summary.path);
  const registration =
    reference && referenceVolume
      ? await registerPair({ ...request, placement }, target, reference, referenceVolume, job)
      : { report: NO_REFERENCE, fixedToMoving: IDENTITY_AFFINE };
  const usedReference = referenceVolume && {
    volume: referenceVolume,
    transform: registration.fixedToMoving,
  };

  const { card } = model;
  const state = await stateOf(model);
  const doneAt: number[] = [];
  const began = performance.now();
  const running =
    request.keepAs === undefined ? undefined : new RunningResult(request.keepAs, target.stack, card.scale);
  const result = await enhanceStack(
    {
      target: target.stack,
      reference: usedReference,
      model: { ...card, weights: model.weights },
      device,
      onSlice: (slices) => {
        doneAt.push((performance.now() - began) / 1000);
        running?.take(slices);
      },
    },
    job,
  ).finally(() => running?.end());
  const { workers, tiled, estimatedMbPerWorker } = result;
  const pace = paceOf(doneAt, workers);
  if (pace !== undefined) {
    const key = speedKey(model.weightsSha256, device.kind, result.stack.rows, result.stack.columns);
    const memoryMb = workers * estimatedMbPerWorker;
    rememberSpeed(key, { ...pace, workers, tiled, memoryMb, measuredOn: 'run' });
  }
  const report = withCoverage(registration.report, result.coverage);
  const series: EnhancedSeries = {
    stack: result.stack,
    target: targetEntry,
    targetStack: target.stack,
    reference: referenceEntry,
    fixedToMoving: reference && placement.kind !== 'headers' ? registration.fixedToMoving : undefined,
    provenance: {
      scale: card.scale,
      model: {
        id: model.id,
        version: card.version,
        network: card.network,
        weightsSha256: model.weightsSha256,
        licence: card.licence.weights,
        state,
      },
      device: device.kind,
      registration: report,
      appVersion,
    },
  };
  job.evidence?.(seriesEvidence(series));
  const { companions } = request;
  const written =
    request.out === undefined
      ? undefined
      : await exportEnhanced(series, request.out, format, job, { as: request.as, deidentifier, companions });
  if (written !== undefined) job.evidence?.({ outputs: { series: sha256(written.seriesUid) } });
  const validation =
    written === undefined || format !== 'dicom'
      ? null
      : await checkWritten(
          {
            files: [...written.files, ...written.companions],
            sources: sourcesOf(series),
            isDeidentified: deidentifier !== undefined,
          },
          job,
        );
  const warnings: ResultWarning[] = [
    ...readingWarnings('target', target),
    ...readingWarnings('reference', reference),
    ...envelopeWarnings(
      card.envelope,
      enhancedGeometry(target.stack, card.scale),
      target.stack.sliceThicknessMm,
      targetEntry.summary,
      referenceEntry?.summary,
    ),
    ...unacceptedModel(model, state),
    ...ignoredReference(request, model, usesReference),
    ...acceptedRegistration(report),
    ...result.warnings,
    ...(written?.warnings ?? []),
  ];
  const made = { series, reference: usedReference };
  const answer: Result<'enhance'> = {
    id: enhancedStore.add(made, request.keepAs),
    model: model.id,
    modelState: state,
    device: device.kind,
    deviceReason: device.reason,
    fallBacks: [...result.fallBacks],
    registration: report,
    output: written ? outputOf(written) : unwrittenOutput(series),
    clipped: written?.clipped ?? 0,
    validation,
    tiled: result.tiled,
    workers: result.workers,
    estimatedMbPerWorker: result.estimatedMbPerWorker,
    seconds: (performance.now() - start) / 1000,
    // Kilobytes; worker threads are part of the process.
    peakMb: process.resourceUsage().maxRSS / 1024,
    warnings,
  };
  if (request.keepAs === undefined) noteWritten(answer.id, series, answer, format);
  return { ...answer, warnings: [...warnings, ...(await storedOrWarned(request, made, answer, job))] };
};

/** A result that could not be stored is still there to be exported while the program runs. */
async function storedOrWarned(
  { keepAs, plane }: Request<'enhance'>,
  made: StoredSeries,
  result: Result<'enhance'>,
  job: JobContext,
): Promise<ResultWarning[]> {
  if (keepAs === undefined) return [];
  try {
    await storeResult(keepAs, made, { plane, result }, job);
    return [];
  } catch (error) {
    const { code, message, path } = toErrorData(error);
    if (code === 'cancelled') {
      enhancedStore.remove(keepAs);
      throw error;
    }
    const lost = 'It is lost when the program ends: export it before.';
    return [{ code: 'not-stored', message: `The result could not be stored: ${path}: ${message}. ${lost}` }];
  }
}

/** The model package. Throws `usage` where it is for another scale, naming one that fits. */
async function modelOfScale(request: Request<'enhance'>): Promise<ModelPackage> {
  const model = await loadModelPackage(request.model);
  if (model.card.scale === request.scale) return model;
  const { models } = await listModelPackages();
  const fitting = models.filter(({ card }) => card.scale === request.scale);
  const best = fitting.find(({ card }) => card.network === model.card.network) ?? fitting[0];
  throw new TandemError(
    'usage',
    `The model ${model.id} enhances ×${model.card.scale}, not ×${request.scale}`,
    {
      hint:
        best === undefined ? `Ask for --scale ${model.card.scale}.` : `For ×${request.scale} use ${best.id}.`,
    },
  );
}

/** Where the request wants the reference. Throws `usage` where it contradicts itself. */
async function placementOf(request: Request<'enhance'>, usesReference: boolean): Promise<Placement> {
  const { alignment, registration } = request;
  if (alignment === undefined) return { kind: registration === 'rigid' ? 'register' : 'headers' };
  if (registration === 'none' || !usesReference) {
    throw new TandemError(
      'usage',
      registration === 'none'
        ? 'A position of the reference was given, and the headers’ was asked for'
        : 'A position of a reference was given, and the model uses none',
      { hint: 'Leave out --transform, or the other of the two.' },
    );
  }
  return { kind: 'given', motion: await affineGiven(alignment), by: alignment.by };
}

function checkFormat(format: 'dicom' | 'nifti', target: SeriesSummary): void {
  if (format === 'nifti' || target.format === 'dicom') return;
  throw new TandemError(
    'unsupported-format',
    'A target that came as NIfTI has no patient or study to file DICOM under',
    { path: target.path, hint: 'Ask for NIfTI (--format nifti).' },
  );
}

/** What reading a series had to make do with, said of the target or of the reference. */
function readingWarnings(name: 'target' | 'reference', series: LoadedSeries | undefined): ResultWarning[] {
  const own = series?.warnings ?? [];
  return own.map(({ code, message }) => ({ code, message: `In the ${name}: ${message}.` }));
}

function ignoredReference(
  request: Request<'enhance'>,
  model: ModelPackage,
  usesReference: boolean,
): ResultWarning[] {
  if (usesReference || request.reference === undefined) return [];
  const message = `The model ${model.id} works on the target alone: the reference was not used.`;
  return [{ code: 'reference-not-used', message }];
}

function unacceptedModel({ id }: ModelPackage, state: ModelState): ResultWarning[] {
  const mark = unacceptedMark(state);
  if (mark === undefined) return [];
  const message = `The model ${id} is ${state === 'candidate' ? 'a candidate: no one has accepted it here' : 'retired'}. What it makes is marked ${mark} everywhere.`;
  return [{ code: 'model-not-accepted', message }];
}

function acceptedRegistration({ verdict, reasons }: RegistrationReport): ResultWarning[] {
  if (verdict !== 'untrusted') return [];
  const message = `The registration is not to be trusted and was accepted on request: ${reasons.join(' ')}`;
  return [{ code: 'registration-untrusted', message }];
}

/** The series that an enhanced series was made from. */
export function sourcesOf({ target, reference }: EnhancedSeries): SeriesEntry[] {
  return reference === undefined ? [target] : [target, reference];
}

/** A written series as the contract has it: plain data, nothing else. */
export function outputOf(written: Awaited<ReturnType<typeof exportEnhanced>>): Output {
  const { files, companions, folder, seriesUid, size, spacingMm, originLps } = written;
  return {
    files: [...files],
    companions: [...companions],
    folder,
    seriesUid,
    size: [...size],
    spacingMm: [...spacingMm],
    originLps: [...originLps],
  };
}

function unwrittenOutput({ stack }: EnhancedSeries): Output {
  const origin = stack.slices[0]?.positionLps ?? [0, 0, 0];
  return {
    files: [],
    companions: [],
    folder: null,
    seriesUid: '',
    size: [stack.columns, stack.rows, stack.slices.length],
    spacingMm: [...stack.spacingMm, sliceSpacingMm(stack)],
    originLps: [...origin],
  };
}
