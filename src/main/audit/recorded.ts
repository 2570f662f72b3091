import type { AuditEventInput, AuditKind, Evidence } from '../../core/contract/auditing.ts';
import type { Request } from '../../core/contract/operations.ts';
import { formatError, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { AuditedOperation } from './audited.ts';
import { AuditLog } from './auditLog.ts';

type Settings = NonNullable<Evidence['settings']>;

interface OperationRecord<Q> {
  readonly kind: AuditKind;
  /** Long work has an entry at its beginning too: one without an end was killed. */
  readonly begins?: AuditKind;
  readonly settings: (request: Q) => Settings;
}

/** How each operation is recorded. Settings are words of closed sets and numbers: no path, no text of a user's. */
const RECORDS: { readonly [N in AuditedOperation]: OperationRecord<Request<N>> } = {
  enhance: {
    kind: 'enhancement',
    settings: ({
      scale,
      device,
      registration,
      alignment,
      acceptRegistration,
      out,
      format,
      as,
      deidentify,
    }) => ({
      scale,
      device,
      registration: alignment === undefined ? registration : 'given',
      acceptRegistration,
      written: out !== undefined,
      ...(out !== undefined && { format: format ?? 'as the target', as }),
      deidentified: deidentify !== undefined,
    }),
  },
  export: {
    kind: 'export',
    settings: ({ format, as, deidentify, companions }) => ({
      what: 'enhanced series',
      format,
      as,
      deidentified: deidentify !== undefined,
      companions: companions.join(' '),
    }),
  },
  exportCompanion: {
    kind: 'export',
    settings: (request) => ({
      what: 'kind' in request ? String(request.kind) : 'companion',
      deidentified: request.deidentify !== undefined,
    }),
  },
  casePage: {
    kind: 'export',
    settings: ({ withPatient, pictures }) => ({
      what: 'page of a case',
      withPatient,
      pictures: pictures.length === 0 ? 'its own' : pictures.length,
    }),
  },
  savePicture: { kind: 'export', settings: () => ({ what: 'picture of the screen' }) },
  convert: { kind: 'export', settings: () => ({ what: 'series as NIfTI' }) },
  degrade: {
    kind: 'export',
    settings: ({ scale, plane }) => ({ what: 'degraded image', scale, plane: plane ?? 'as acquired' }),
  },
  register: {
    kind: 'export',
    settings: ({ resampled }) => ({ what: 'registration', resampledImage: resampled !== undefined }),
  },
  deidentify: {
    kind: 'export',
    settings: ({ options, dryRun }) => ({
      what: 'de-identified copy',
      options: options.join(' '),
      written: !dryRun,
    }),
  },
  pacsStore: {
    kind: 'sending',
    begins: 'sending',
    settings: ({ retries }) => ({ what: 'C-STORE or STOW-RS', retries }),
  },
  pacsMove: { kind: 'sending', begins: 'sending', settings: ({ to }) => ({ what: 'C-MOVE', to }) },
  pacsGet: { kind: 'retrieval', settings: ({ method }) => ({ what: 'asked for', method }) },
  pacsReceive: {
    kind: 'retrieval',
    begins: 'retrieval',
    settings: ({ port, aeTitle, allow }) => ({
      what: 'sent by others',
      port,
      aeTitle,
      allowed: allow.length === 0 ? 'any' : allow.join(' '),
    }),
  },
  dataPrepare: {
    kind: 'data-prepared',
    settings: ({ target, reference, list, registration, planes }) => ({
      ...{ target, reference: reference ?? 'none', registration, planes, written: !list },
    }),
  },
  train: {
    kind: 'training',
    begins: 'training-started',
    settings: ({ network, scale, device, steps, minutes, seed, resume }) => ({
      network,
      scale,
      device,
      ...(steps !== undefined && { steps }),
      ...(minutes !== undefined && { minutes }),
      seed,
      resume,
    }),
  },
  finetune: {
    kind: 'training',
    begins: 'training-started',
    settings: ({ steps, hours, seed, device, change, resume }) => ({
      what: 'fine-tuning',
      ...(steps !== undefined && { steps }),
      ...(hours !== undefined && { hours }),
      ...{ seed, device, change, resume },
    }),
  },
  modelsImport: { kind: 'weights-imported', settings: ({ network }) => ({ network }) },
  segment: {
    kind: 'segmentation',
    settings: ({ device, registration, alignment, acceptRegistration, out, format, deidentify }) => ({
      device,
      registration: alignment === undefined ? registration : 'given',
      acceptRegistration,
      written: out !== undefined,
      ...(out !== undefined && { format: format ?? 'as the series' }),
      deidentified: deidentify !== undefined,
    }),
  },
  segmentationExport: {
    kind: 'export',
    settings: ({ format, deidentify }) => ({
      what: 'segmentation',
      format: format ?? 'as the series',
      deidentified: deidentify !== undefined,
    }),
  },
  trainSegmentation: {
    kind: 'training',
    begins: 'training-started',
    settings: ({ network, steps, minutes, seed, resume }) => ({
      what: 'segmentation model',
      network,
      ...(steps !== undefined && { steps }),
      ...(minutes !== undefined && { minutes }),
      seed,
      resume,
    }),
  },
  segmentationImport: { kind: 'weights-imported', settings: () => ({ what: 'segmentation model' }) },
};

/**
 * Does a piece of work and records it with its outcome. What was made is not lost where the log cannot be written:
 * the entry waits in the library where that is possible, and the answer says so among its warnings.
 */
export async function recorded<R extends object>(
  name: AuditedOperation,
  request: unknown,
  job: JobContext,
  work: (job: JobContext) => Promise<R>,
): Promise<R> {
  const { kind, begins, settings } = RECORDS[name] as OperationRecord<unknown>;
  let found: Evidence = { settings: settings(request) };
  const write = (event: Pick<AuditEventInput, 'kind' | 'outcome' | 'error'>): string | undefined => {
    try {
      new AuditLog().append({ ...found, ...event });
      return undefined;
    } catch (error) {
      const told = formatError(toErrorData(error));
      console.error(told);
      return told;
    }
  };
  const evidence = (more: Evidence): void => {
    found = {
      model: more.model ?? found.model,
      inputs: more.inputs ?? found.inputs,
      settings: { ...found.settings, ...more.settings },
      outputs: { ...found.outputs, ...more.outputs },
    };
  };
  if (begins !== undefined) write({ kind: begins, outcome: 'started' });
  let result: R;
  try {
    result = await work({ ...job, evidence });
  } catch (error) {
    const { code } = toErrorData(error);
    const cancelled = job.signal.aborted || code === 'cancelled';
    write({ kind, ...(cancelled ? { outcome: 'cancelled' } : { outcome: 'failed', error: code }) });
    throw error;
  }
  const failure = write({ kind, outcome: 'done' });
  return failure === undefined ? result : withWarning(result, failure);
}

function withWarning<R extends object>(result: R, failure: string): R {
  const before = 'warnings' in result && Array.isArray(result.warnings) ? result.warnings : [];
  const message = `The audit log could not be written; what was made is there all the same. ${failure}`;
  return { ...result, warnings: [...before, { code: 'not-audited', message }] };
}
