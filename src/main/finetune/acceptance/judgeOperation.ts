import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { acceptancePage } from '../../../core/acceptance/page.ts';
import { pairedStatistics, patientsOf } from '../../../core/acceptance/statistics.ts';
import { judgeAcceptance } from '../../../core/acceptance/verdict.ts';
import {
  ACCEPTANCE_FILE,
  ACCEPTANCE_FORMAT_VERSION,
  type AcceptanceReport,
  acceptanceReport,
  type JudgedCase,
} from '../../../core/contract/acceptance.ts';
import type { Request, Result } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { networkNamed } from '../../../core/networks/index.ts';
import { scaledAndClipped, scaleOf } from '../../../core/volume/intensity.ts';
import { reorientToRas } from '../../../core/volume/reorient.ts';
import type { OtherPatient } from '../../evaluation/disturbReference.ts';
import { type NamedModel, naming } from '../../evaluation/evaluateCase.ts';
import { ENDS_ALL } from '../../evaluation/evaluateOperation.ts';
import { checkOutputFolder, writeFolderAtomically } from '../../export/atomic.ts';
import type { Handler } from '../../host/handler.ts';
import { loadModelPackage, type ModelPackage } from '../../models/loadModelPackage.ts';
import { type ChosenDevice, chooseDevice } from '../../runtime/devices.ts';
import { type FoundCases, findCases } from '../../training/data/findCases.ts';
import type { FoundCase } from '../../training/data/layouts.ts';
import { appVersion } from '../../version.ts';
import { readLockedSet, requireLocked } from '../lockedSet.ts';
import { acceptancePdf } from './acceptancePdf.ts';
import { judgeCase } from './judgeCase.ts';
import { readJudgedImages } from './judgedImages.ts';
import { JudgedSoFar } from './judgedSoFar.ts';
import { leaksOfCard } from './leaksOfCard.ts';
import { readThresholds } from './readThresholds.ts';
import { type KeptSlice, picturesOf, type WorstPictures } from './worstPictures.ts';

const NOTICE = 'Research use only, not for diagnosis.';
/** Pictures in the report. */
const WORST = 6;
export const ACCEPTANCE_PAGE = 'acceptance.html';
export const ACCEPTANCE_PDF = 'acceptance.pdf';

/** What all cases are judged with. */
interface Plan {
  readonly request: Request<'modelsJudge'>;
  readonly base: ModelPackage;
  readonly tuned: ModelPackage;
  readonly device: ChosenDevice;
  readonly found: FoundCases;
  readonly kept: JudgedSoFar | undefined;
}

/**
 * `tandem models judge`: a tuned model beside its base on cases that neither learned from, against thresholds that
 * were read before the first case. A case that cannot be judged fails the acceptance and does not stop it.
 *
 * Throws `output-exists`, `no-permission`; `usage` (thresholds, two models that cannot be compared), `not-found`,
 * `model-not-found`, `bad-model`; `bad-training-data` where the cases are not the locked ones; `nothing-readable`
 * where no case could be judged; `cancelled`.
 */
export const judgeOperation: Handler<'modelsJudge'> = (request, job) => judgeModels(request, job);

export interface JudgingOptions {
  /** How the scans lie in their folders. */
  readonly layout?: Request<'finetuneCases'>['layout'];
  /** Of the cases in the folders of the request, those to judge on; all of them where absent. */
  readonly takes?: (found: FoundCase) => boolean;
  /** A folder for cases that are judged already, so that a killed program does not lose them. */
  readonly soFar?: string;
}

/** As `judgeOperation`. */
export async function judgeModels(
  request: Request<'modelsJudge'>,
  job: JobContext,
  { layout = 'auto', takes, soFar }: JudgingOptions = {},
): Promise<Result<'modelsJudge'>> {
  const out = resolve(request.out);
  await checkOutputFolder(out);
  const read = await readThresholds(resolve(request.thresholds), request.thresholdsSha256);
  const base = await loadModelPackage(request.base);
  const tuned = await loadModelPackage(request.tuned);
  requireComparable(base, tuned);
  const target = request.target ?? base.card.contrasts.target;
  const reference = referenceOf(request, base, tuned);
  const all = await findCases({ sources: request.test, layout, target, reference }, job);
  const found = takes === undefined ? all : { ...all, cases: all.cases.filter(takes), without: [] };
  const device = await chooseDevice(request.device);
  const locked = request.locked === undefined ? undefined : await readLockedSet(resolve(request.locked));
  const by = [base.weightsSha256, tuned.weightsSha256, read.sha256];
  const kept = soFar === undefined ? undefined : new JudgedSoFar(soFar, by);
  // Of the first attempt: thresholds were read and hashed before any case.
  const now = async () => ({ thresholds: read, begun: new Date().toISOString() });
  const { thresholds, begun } = (await kept?.once('', now)) ?? (await now());

  let result: Result<'modelsJudge'> | undefined;
  await writeFolderAtomically(
    out,
    async (folder) => {
      const { cases, worst, failed } = await judgeCases({ request, base, tuned, device, found, kept }, job);
      if (locked !== undefined) requireLocked(locked.locked, cases, resolve(request.locked!));
      const patients = patientsOf(cases);
      const statistics = pairedStatistics(patients);
      const testSet = {
        sha256: hashOf(cases),
        manifestSha256: locked?.sha256 ?? null,
        patients: patients.length,
        cases: cases.length,
        slices: cases.reduce((sum, { slices }) => sum + slices.length, 0),
        failed: [...failed, ...found.without.map(({ name, reason }) => ({ case: name, reason }))],
        leaks: [...leaksOfCard(tuned.card, cases), ...leaksOfCard(base.card, cases)].filter(
          (leak, at, all) => all.findIndex((other) => other.case === leak.case) === at,
        ),
      };
      const report: AcceptanceReport = acceptanceReport.parse({
        format: 'tandem-acceptance',
        formatVersion: ACCEPTANCE_FORMAT_VERSION,
        software: `Tandem MR ${appVersion}`,
        notice: NOTICE,
        begun,
        ended: new Date().toISOString(),
        device: device.kind,
        scale: base.card.scale,
        target,
        reference: reference ?? null,
        base: described(base),
        tuned: described(tuned),
        thresholds,
        testSet,
        patients,
        cases,
        statistics,
        worstSlices: worst.map(({ case: name, slice, difference, tunedPsnr }) => ({
          case: name,
          slice,
          difference,
          tuned: tunedPsnr,
        })),
        ...judgeAcceptance(thresholds.content, statistics, testSet),
      });
      const text = `${JSON.stringify(report, null, 1)}\n`;
      const pictures = worst.map((slice) => picturesOf(slice, report.scale));
      await writePictures(folder, pictures);
      await writeFile(join(folder, ACCEPTANCE_FILE), text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      await writeFile(join(folder, ACCEPTANCE_PAGE), acceptancePage(report, sha256, pictures));
      await writeFile(join(folder, ACCEPTANCE_PDF), await acceptancePdf(report, sha256, pictures));
      result = { path: out, sha256, report };
    },
    { signal: job.signal },
  );
  return result!;
}

async function judgeCases(plan: Plan, job: JobContext) {
  const { cases: all } = plan.found;
  const cases: JudgedCase[] = [];
  const failed: AcceptanceReport['testSet']['failed'] = [];
  let worst: KeptSlice[] = [];
  let firstError: unknown;
  for (const [index, one] of all.entries()) {
    throwIfCancelled(job.signal);
    const named = naming(job, `${one.name} (${index + 1}/${all.length})`);
    named.progress({ stage: 'reading', done: index, total: all.length });
    try {
      const judge = () => judgeFound(plan, index, named);
      const judged = await (plan.kept?.once([one.path, one.name, one.target].join(), judge) ?? judge());
      cases.push(judged.described);
      worst = [...worst, ...judged.worst].sort((a, b) => a.difference - b.difference).slice(0, WORST);
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (ENDS_ALL.has(code) || !(error instanceof TandemError)) throw error;
      firstError ??= error;
      failed.push({ case: one.name, reason: message });
      named.progress({ stage: 'failed', done: index + 1, total: all.length, message });
    }
  }
  if (cases.length === 0) {
    throw (
      firstError ??
      new TandemError('nothing-readable', 'There is no case to judge on', { hint: 'Check --test.' })
    );
  }
  return { cases, failed, worst };
}

async function judgeFound({ request, base, tuned, device, found }: Plan, index: number, job: JobContext) {
  const one = found.cases[index]!;
  const { scale } = base.card;
  const images = await readJudgedImages(one, scale, request.lesion, job);
  const { numbers, worst } = await judgeCase(
    images,
    {
      base: runnable(base, 'base'),
      tuned: runnable(tuned, 'tuned'),
      scale,
      device,
      placing: request.registration,
      other: images.reference && (await otherPatient(found.cases, index, job)),
    },
    job,
  );
  const described: JudgedCase = {
    name: one.name,
    patient: one.patient,
    files: images.files.map((file) => ({ ...file })),
    ...numbers,
  };
  const { rows, columns } = images.truth;
  const aspect = (columns * images.truth.spacingMm[0]) / (rows * images.truth.spacingMm[1]);
  return { described, worst: worst.map((slice) => ({ ...slice, case: one.name, rows, columns, aspect })) };
}

/** The nearest case of another patient from half-way round the list on that can be read. */
async function otherPatient(
  cases: readonly FoundCase[],
  index: number,
  job: JobContext,
): Promise<OtherPatient | undefined> {
  const own = cases[index]!;
  const half = Math.floor(cases.length / 2);
  for (let step = 0; step < cases.length; step++) {
    const candidate = cases[(index + half + step) % cases.length]!;
    if (candidate.patient === own.patient || candidate.problem !== undefined) continue;
    try {
      const { reference } = await candidate.read(job);
      if (reference === undefined) continue;
      const volume = reorientToRas(reference);
      const voxels = scaledAndClipped(volume.voxels, scaleOf(volume.voxels));
      return { name: candidate.name, volume: { ...volume, voxels } };
    } catch (error) {
      if (!(error instanceof TandemError) || error.code === 'cancelled') throw error;
    }
  }
  return undefined;
}

function requireComparable(base: ModelPackage, tuned: ModelPackage): void {
  const words = ({ card }: ModelPackage) => `${card.id} enhances ×${card.scale}`;
  if (base.card.scale === tuned.card.scale) return;
  throw new TandemError('usage', `The two models cannot be compared: ${words(base)}, ${words(tuned)}`, {
    path: tuned.path,
    hint: 'Name the model that the tuned one began with.',
  });
}

/** What the request says, else what the tuned model was made for; none where neither model uses one. */
function referenceOf(
  request: Request<'modelsJudge'>,
  base: ModelPackage,
  tuned: ModelPackage,
): string | undefined {
  const guided = [base, tuned].some(({ card }) => networkNamed(card.network).usesReference);
  if (!guided) return undefined;
  const reference = request.reference ?? tuned.card.contrasts.reference ?? base.card.contrasts.reference;
  if (reference !== null && reference !== undefined && reference !== 'unknown') return reference;
  throw new TandemError('usage', 'The card of the model does not say what its reference is', {
    path: tuned.path,
    hint: 'Name its contrast with --reference.',
  });
}

function described({ id, card, weightsSha256 }: ModelPackage): AcceptanceReport['base'] {
  return { id, version: card.version, network: card.network, weightsSha256 };
}

function runnable({ card, weights }: ModelPackage, id: string): NamedModel {
  return { id, network: card.network, options: card.options, scale: card.scale, weights };
}

function hashOf(cases: readonly Pick<JudgedCase, 'files'>[]): string {
  const hashes = cases.flatMap(({ files }) => files.map(({ sha256 }) => sha256)).sort();
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}

async function writePictures(folder: string, pictures: readonly WorstPictures[]): Promise<void> {
  await mkdir(join(folder, 'worst'));
  for (const [n, { images }] of pictures.entries()) {
    for (const { name, png } of images) {
      await writeFile(join(folder, 'worst', `${n + 1}-${name}.png`), Buffer.from(png, 'base64'));
    }
  }
}
