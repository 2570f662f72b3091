import type { EvaluatedCase, EvaluateResult } from '../../core/contract/evaluation.ts';
import type { Request } from '../../core/contract/operations.ts';
import { throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { checkOutputFolder, writeFolderAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import type { ModelPackage } from '../models/loadModelPackage.ts';
import { type ChosenDevice, chooseDevice } from '../runtime/devices.ts';
import { chooseModels } from './chooseModels.ts';
import { compareOnCase, naming } from './evaluateCase.ts';
import { loadEvaluationCase } from './evaluationCase.ts';
import { describeCase, evaluationResult } from './evaluationResult.ts';
import { type FoundCase, findCases } from './findCases.ts';
import { pixelsOf } from './measureImage.ts';
import { checkDisturbance, otherPatientOf } from './otherPatient.ts';
import { slicesToShow } from './report/errorMaps.ts';
import { openReportFolder, type ReportFolder } from './report/reportFolder.ts';
import type { MeasuredCase } from './summarise.ts';

/** Errors that are no single case's: they end the evaluation. */
export const ENDS_ALL: ReadonlySet<string> = new Set([
  'cancelled',
  'usage',
  'device-unavailable',
  'bad-model',
  'bad-tensor-file',
  'host-crashed',
]);

/** What all cases are evaluated with. */
interface Plan {
  readonly request: Request<'evaluate'>;
  readonly models: readonly ModelPackage[];
  readonly device: ChosenDevice;
  readonly cases: readonly FoundCase[];
  readonly report: ReportFolder | undefined;
}

/**
 * `tandem evaluate`: how near zero-filling, cubic interpolation and models come to the truth, on each case and
 * on all together. A case that cannot be evaluated is told in `failed` and does not stop the others; where it
 * is the only one, or none can be, its error is thrown.
 *
 * Throws `output-exists` and `no-permission` for `out`, `usage`, as `chooseModels`, `findCases` and
 * `compareOnCase`.
 */
export const evaluateOperation: Handler<'evaluate'> = async (request, job) => {
  const { out } = request;
  if (out !== undefined) await checkOutputFolder(out);
  const { models, warnings } = await chooseModels(request);
  if (request.disturb) await checkDisturbance(request, models);
  const { cases, without } = await findCases(request.cases, request.target);
  const device = await chooseDevice(request.device);
  const missing = without.map(({ name, path }) => ({
    case: name,
    path,
    code: 'not-found',
    message: `The case has no ${request.target}.nii.gz`,
  }));

  const evaluate = async (report?: ReportFolder): Promise<EvaluateResult> => {
    const plan = { request, models, device, cases, report };
    const found = await evaluateCases(plan, job);
    const failed = [...found.failed, ...missing];
    const result = evaluationResult(request, models, device.kind, { ...found, failed, warnings });
    await report?.finish(result);
    return result;
  };
  if (out === undefined) return evaluate();
  let result: EvaluateResult | undefined;
  await writeFolderAtomically(
    out,
    async (folder) => {
      result = await evaluate(await openReportFolder(folder, request.scale));
    },
    { signal: job.signal },
  );
  return result!;
};

interface EvaluatedCases {
  readonly evaluated: EvaluatedCase[];
  readonly measured: MeasuredCase[];
  readonly failed: EvaluateResult['failed'];
}

async function evaluateCases(plan: Plan, job: JobContext): Promise<EvaluatedCases> {
  const { cases, report } = plan;
  const found: EvaluatedCases = { evaluated: [], measured: [], failed: [] };
  let firstError: unknown;
  for (const [index, one] of cases.entries()) {
    throwIfCancelled(job.signal);
    const named = naming(job, cases.length === 1 ? one.name : `${one.name} (${index + 1}/${cases.length})`);
    let done: Awaited<ReturnType<typeof evaluateFolder>>;
    try {
      done = await evaluateFolder(plan, index, named);
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (cases.length === 1 || ENDS_ALL.has(code)) throw error;
      firstError ??= error;
      found.failed.push({ case: one.name, path: one.path, code, message });
      named.progress({ stage: 'failed', done: index + 1, total: cases.length, message });
      continue;
    }
    const { described, truth, methods, shown } = done;
    await report?.addCase(one.name, truth, methods, shown);
    found.measured.push({ methods, disturbed: described.disturbed });
    found.evaluated.push(described);
  }
  if (found.evaluated.length === 0 && firstError !== undefined) throw firstError;
  return found;
}

async function evaluateFolder({ request, models, device, cases }: Plan, index: number, job: JobContext) {
  const one = cases[index]!;
  const { target, reference, scale, registration } = request;
  job.progress({ stage: 'reading', done: 0, total: 1 });
  const loaded = await loadEvaluationCase(one.path, target, reference);
  const other = request.disturb ? await otherPatientOf(request, cases, index) : undefined;
  const { shown, see } = slicesToShow(pixelsOf(loaded.truth), ['cubic']);
  const comparison = await compareOnCase(
    loaded,
    {
      models: models.map(({ id, card, weights }) => ({
        id,
        network: card.network,
        options: card.options,
        scale: card.scale,
        weights,
      })),
      scale,
      device,
      registration,
      disturb: request.disturb ? { other } : undefined,
      see,
    },
    job,
  );
  const contrasts = reference === undefined ? [target] : [target, reference];
  const described = await describeCase(one, loaded, comparison, contrasts, models);
  return { described, truth: loaded.truth, methods: comparison.methods, shown };
}
