import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FinetuneRequest, FinetuneSummary } from '../../../core/contract/finetune.ts';
import { operations, type Request } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../../core/errors.ts';
import { elementCount } from '../../../core/graph/shape.ts';
import type { JobContext } from '../../../core/job.ts';
import { networkGraph, networkNamed } from '../../../core/networks/index.ts';
import { lastStages } from '../../../core/networks/lastStages.ts';
import { writeFolderAtomically } from '../../export/atomic.ts';
import type { ModelPackage } from '../../models/loadModelPackage.ts';
import type { ChosenDevice } from '../../runtime/devices.ts';
import { DATA_FILE, DATA_FORMAT_VERSION, manifestText } from '../../training/data/manifest.ts';
import { writeSlices } from '../../training/data/prepareOperation.ts';
import { appVersion } from '../../version.ts';
import { leaksOfCard } from '../acceptance/leaksOfCard.ts';
import { type Choosing, type ChosenCases, chooseCases } from '../chooseCases.ts';
import { ChosenSoFar } from '../chosenSoFar.ts';
import { type LockedSet, lockedText, readLockedSet, requireLocked } from '../lockedSet.ts';
import { requireDisk, runDiskMb } from '../plan/disk.ts';
import { requireMemory } from '../plan/memory.ts';
import { contrastsOf, trainRequestOf, tuningSettings } from './decide.ts';
import type { RunFolder } from './runFolder.ts';
import { type RunRecord, recordText } from './runRecord.ts';
import { askedSides } from './sides.ts';
import { thresholdsText } from './thresholds.ts';

type ChosenCase = ChosenCases['cases'][number];

/**
 * Reads and checks the cases, draws the sides, and writes down what the run is made of: the slices to learn from, the
 * locked test set, the thresholds, and the record with the hashes of all three. The folder is there whole or not at all.
 *
 * Throws `usage`; `nothing-readable` where no case can be learned from, with the reasons; `bad-training-data` for a
 * person on two sides, or one whom the base learned from in the test set; `out-of-memory`; `write-failed`; `cancelled`.
 */
export async function beginRun(
  request: FinetuneRequest,
  base: ModelPackage,
  device: ChosenDevice,
  folder: RunFolder,
  job: JobContext,
): Promise<RunRecord> {
  const contrasts = contrastsOf(request, base);
  const train = trainRequestOf(request, base, contrasts, folder.data);
  const settings = tuningSettings(train, request, base, device.kind);
  requireMemory(settings);
  const thresholds = await thresholdsText(
    request.thresholds === undefined ? undefined : resolve(request.thresholds),
  );
  const given = request.locked === undefined ? undefined : await readLockedSet(resolve(request.locked));
  const soFar = await ChosenSoFar.open(folder.choosing);
  const chosen = await choose(request, contrasts, base, { locked: given?.locked, soFar }, job).catch(
    async (error: unknown) => {
      // What was refused is not gone on with.
      if (toErrorData(error).code !== 'cancelled') await soFar.forget();
      throw error;
    },
  );
  const { locked, notes } = testSet(chosen, given?.locked, request);
  const learned = chosen.cases.filter(({ split }) => split !== 'test');
  await requireDisk(folder.out, runDiskMb(settings, learned, contrasts.reference === undefined ? 1 : 2));
  const lockedWords = locked === undefined ? undefined : lockedText(locked);

  let record: RunRecord | undefined;
  await writeFolderAtomically(
    folder.run,
    async (temporary) => {
      const dataText = await writeData(chosen, contrasts, train.id!, temporary, job);
      await writeFile(join(temporary, 'thresholds.json'), thresholds);
      if (lockedWords !== undefined) await writeFile(join(temporary, 'locked-test.json'), lockedWords);
      const tested = chosen.cases.filter(({ split }) => split === 'test');
      record = {
        format: 'tandem-finetune',
        formatVersion: 1,
        software: `Tandem MR ${appVersion}`,
        begun: new Date().toISOString(),
        request: { ...request, ...contrasts, id: train.id },
        basePath: base.path,
        summary: {
          model: train.id!,
          base: { id: base.id, version: base.card.version, weightsSha256: base.weightsSha256 },
          ...contrasts,
          reference: contrasts.reference ?? null,
          change: request.change,
          ...countOf(base, request.change),
          device: device.kind,
          cases: chosen.cases.map(({ found, split, slices, registration }) => ({
            name: found.name,
            patient: found.patient,
            side: split,
            slices,
            notes: [...found.notes, ...(registration === undefined ? [] : [registration])],
          })),
          leftOut: chosen.leftOut.map((one) => ({ ...one })),
          samePeople: chosen.samePeople.map(({ words }) => words),
          dataSha256: sha256(dataText),
          lockedSha256: lockedWords === undefined ? null : sha256(lockedWords),
          thresholdsSha256: sha256(thresholds),
          notes,
        },
        settings: { ...settings },
        test: {
          sources: [...askedSides(request).sources],
          cases: tested.map(({ found: { path, target, patient, layout, name } }) => ({
            ...{ path, target, patient },
            ...(layout === 'dicom' && { study: name }),
          })),
          patients: [...new Set(tested.map(({ patient }) => patient))],
        },
      };
      await writeFile(join(temporary, 'run.json'), recordText(record));
    },
    { signal: job.signal },
  );
  await soFar.forget();
  return record!;
}

async function choose(
  request: FinetuneRequest,
  contrasts: { readonly target: string; readonly reference: string | undefined },
  base: ModelPackage,
  kept: Pick<Choosing, 'locked' | 'soFar'>,
  job: JobContext,
): Promise<ChosenCases> {
  const sides = askedSides(request);
  if (sides.sources.length === 0) {
    throw new TandemError('usage', 'There are no cases to learn from', {
      hint: 'Name folders with --cases.',
    });
  }
  const { sources, test, validation } = sides;
  const { layout, registration, leastSlices, seed } = request;
  const asked: Request<'finetuneCases'> = operations.finetuneCases.request.parse({
    ...{ sources, test, validation, layout, registration, leastSlices, seed },
    ...contrasts,
  });
  const chosen = await chooseCases(asked, job, {
    demanded: sides.demanded,
    shares: sides.shares,
    ...kept,
    trained: (one) => leaksOfCard(base.card, [one]).length > 0,
  });
  const seen = leaksOfCard(
    base.card,
    chosen.cases.filter(({ split }) => split === 'test'),
  );
  if (seen.length > 0) {
    throw new TandemError(
      'bad-training-data',
      `The base learned from what the tuned model would be judged on. ${seen.map(({ words }) => words).join(' ')}`,
      { hint: 'Keep other patients for the test set, or begin with another base.' },
    );
  }
  return chosen;
}

/** The test set that is locked, and what must be said of it. */
function testSet(
  { cases, locked }: ChosenCases,
  given: LockedSet | undefined,
  request: FinetuneRequest,
): { readonly locked: LockedSet | undefined; readonly notes: string[] } {
  const notes: string[] = [];
  if (!cases.some(({ split }) => split === 'validation')) {
    notes.push('Nobody is kept for validation: the last weights are kept, and worsening cannot be told.');
  }
  const unjudged = 'The tuned model gets no acceptance report, and cannot be accepted before it has one';
  if (given !== undefined) {
    const tested = cases.filter(({ split }) => split === 'test');
    if (tested.length > 0) {
      requireLocked(given, tested, request.locked!);
      return { locked: given, notes };
    }
    notes.push(`No case of the locked test set is among the cases. ${unjudged} (tandem models judge).`);
    return { locked: given, notes };
  }
  if (locked === undefined) {
    notes.push(`Nobody is kept for a test set. ${unjudged} (tandem models judge).`);
  }
  return { locked, notes };
}

/** Writes the slices to learn from; returns the text of their manifest. */
async function writeData(
  { cases, leftOut }: ChosenCases,
  contrasts: { readonly target: string; readonly reference: string | undefined },
  name: string,
  folder: string,
  job: JobContext,
): Promise<string> {
  const data = join(folder, 'data');
  await mkdir(data);
  const learned = cases.filter(({ split }) => split !== 'test');
  const prepared = [];
  for (const [index, one] of learned.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'preparing', done: index, total: learned.length, message: one.name });
    for (const slices of await slicesOf(one, data, job)) prepared.push({ ...slices, split: one.split });
  }
  const text = manifestText({
    format: 'tandem-data',
    formatVersion: DATA_FORMAT_VERSION,
    name,
    target: contrasts.target,
    reference: contrasts.reference ?? null,
    preparation: { software: `Tandem MR ${appVersion}`, for: 'fine-tuning', planes: 'acquired' },
    cases: prepared,
    leftOut: leftOut.map((one) => ({ ...one })),
  });
  await writeFile(join(data, DATA_FILE), text);
  return text;
}

async function slicesOf(one: ChosenCase, data: string, job: JobContext) {
  const pair = await one.found.read({ ...job, progress: () => {} });
  const hashes = (files: ChosenCase['files']) => files.map(({ sha256: hash }) => hash).join();
  if (hashes(pair.files) !== hashes(one.files)) {
    throw new TandemError('bad-training-data', 'The files were changed while they were read', {
      path: one.found.path,
      hint: 'Try again when nothing writes there.',
    });
  }
  const { transform, registration } = one;
  const placed =
    transform === undefined || registration === undefined ? undefined : { transform, words: registration };
  const how = { planes: 'acquired', alsoAtMm: [], leastSlices: 1 } as const;
  return writeSlices(one.found, pair, placed, how, data, job);
}

/** Values that are trained, and all of them. */
export function countOf(
  { card }: Pick<ModelPackage, 'card'>,
  change: FinetuneRequest['change'],
): Pick<FinetuneSummary, 'trained' | 'parameters'> {
  const { network, options, scale } = card;
  const parsed = networkNamed(network).parseOptions(options);
  const { parameters } = networkGraph(network, parsed, scale, { batch: 1, rows: 32, columns: 32 });
  const chosen = change === 'all' ? undefined : lastStages(network, parsed, scale);
  const count = (some: typeof parameters) =>
    some.reduce((sum, { tensor }) => sum + elementCount(tensor.shape), 0);
  return {
    trained: count(parameters.filter(({ path, trained }) => trained && (chosen?.has(path) ?? true))),
    parameters: count(parameters),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
