import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Request, Result } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { checkOutputFolder, writeFileAtomically, writeFolderAtomically } from '../../export/atomic.ts';
import { type LockedSet, readLockedSet, refuseLocked, voxelsSha256 } from '../../finetune/lockedSet.ts';
import type { Handler } from '../../host/handler.ts';
import { appVersion } from '../../version.ts';
import { encodeCase } from './caseFile.ts';
import { type FoundCases, fileStem, findCases } from './findCases.ts';
import type { FoundCase } from './layouts.ts';
import {
  DATA_FILE,
  DATA_FORMAT_VERSION,
  type DataManifest,
  manifestText,
  type PreparedCase,
  type Split,
} from './manifest.ts';
import type { PairVolumes } from './pairFiles.ts';
import { type PairStack, pairStacks } from './pairStacks.ts';
import { type PlacedReference, placeReference } from './placeReference.ts';
import { countsOf, describeCase, listOf } from './prepareResult.ts';
import { splitPatients } from './splitPatients.ts';
import type { FullSlice } from './trainingCase.ts';

/**
 * `tandem data prepare`: cases to training slices, split by patient, with a manifest of hashes. A case whose
 * reference cannot be trusted to lie on its target, or that cannot be read, is left out and named with the reason.
 * The folder is written whole or not at all.
 * Throws `nothing-readable` where no case is left to train on, `usage`, `output-exists`, `cancelled`.
 */
export const prepareOperation: Handler<'dataPrepare'> = async (request, job) => {
  if (request.out === '' && !request.list) {
    throw new TandemError('usage', 'There is no folder to write to', { hint: 'Name one with --out.' });
  }
  const out = resolve(request.out);
  if (!request.list) await checkOutputFolder(out);
  const found = await findCases(request, job);
  // Those without a usable reference take part: the split of a target's data is the same for any reference.
  const sides = splitPatients(
    found.cases.map(({ patient }) => patient),
    request,
  );
  if (request.list) return listOf(found, sides);
  let result: Result<'dataPrepare'> | undefined;
  await writeFolderAtomically(
    out,
    async (folder) => {
      const { used, ...contents } = await prepareCases(found, sides, request, folder, job);
      const manifest = manifestOf(request, found, contents);
      const text = manifestText(manifest);
      await writeFileAtomically(join(folder, DATA_FILE), text);
      result = {
        ...countsOf(contents.cases),
        path: out,
        sha256: createHash('sha256').update(text).digest('hex'),
        bytes: contents.cases.reduce((sum, { bytes }) => sum + bytes, 0),
        layouts: [...found.layouts],
        cases: used.map((one) => describeCase(one, sides)),
        leftOut: contents.leftOut.map((one) => ({ ...one })),
      };
      job.evidence?.({
        settings: { cases: contents.cases.length, leftOut: contents.leftOut.length },
        outputs: { data: result.sha256 },
      });
    },
    { signal: job.signal },
  );
  return result!;
};

/** Writes the slices of all cases that can be used. Throws `nothing-readable` where none is left to train on. */
async function prepareCases(
  { cases: found, without }: FoundCases,
  sides: ReadonlyMap<string, Split>,
  request: Request<'dataPrepare'>,
  folder: string,
  job: JobContext,
): Promise<Pick<DataManifest, 'cases' | 'leftOut'> & { used: FoundCase[] }> {
  const cases: PreparedCase[] = [];
  const used: FoundCase[] = [];
  const kept = request.locked === undefined ? undefined : await readLockedSet(resolve(request.locked));
  const leftOut: DataManifest['leftOut'] = without.map((one) => ({ ...one }));
  for (const [index, one] of found.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'preparing', done: index, total: found.length, message: one.name });
    try {
      const side = sides.get(one.patient)!;
      // Other planes and pixel sizes are more to learn from; what is measured on are slices as they are acquired.
      const more = side === 'train' ? {} : ({ planes: 'acquired', alsoAtMm: [] } as const);
      for (const prepared of await prepareCase(
        one,
        { ...request, ...more },
        folder,
        side === 'test' ? undefined : kept?.locked,
        job,
      )) {
        cases.push({ ...prepared, split: side });
      }
      used.push(one);
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (code === 'cancelled' || !(error instanceof TandemError) || code === 'write-failed') throw error;
      leftOut.push({ name: one.name, patient: one.patient, reason: message });
    }
  }
  if (!cases.some(({ split }) => split === 'train')) {
    const reasons = leftOut.map(({ name, reason }) => `${name}: ${reason}`).join(' ');
    throw new TandemError('nothing-readable', `No case is left to train on. ${reasons}`);
  }
  return { cases, leftOut, used };
}

function manifestOf(
  request: Request<'dataPrepare'>,
  { layouts }: FoundCases,
  { cases, leftOut }: Pick<DataManifest, 'cases' | 'leftOut'>,
): DataManifest {
  const { planes, alsoAtMm, registration, seed, validationShare, testShare } = request;
  return {
    format: 'tandem-data',
    formatVersion: DATA_FORMAT_VERSION,
    name: request.name ?? basename(resolve(request.out)),
    target: request.target,
    reference: request.reference ?? null,
    preparation: {
      software: `Tandem MR ${appVersion}`,
      layout: [...new Set(layouts.map(({ layout }) => layout))].join(', '),
      planes,
      alsoAtMm,
      registration,
      seed,
      validationShare,
      testShare,
    },
    cases,
    leftOut,
  };
}

/** A case is read, its reference placed, and its slices written. */
async function prepareCase(
  found: FoundCase,
  request: Omit<Request<'dataPrepare'>, 'alsoAtMm'> & { readonly alsoAtMm: readonly number[] },
  out: string,
  locked: LockedSet | undefined,
  job: JobContext,
): Promise<Omit<PreparedCase, 'split'>[]> {
  if (found.problem !== undefined) throw new TandemError('not-found', found.problem);
  const pair = await found.read(job);
  if (locked !== undefined) {
    refuseLocked(locked, [{ ...found, files: pair.files }], {
      target: voxelsSha256(pair.target),
      reference: pair.reference === undefined ? null : voxelsSha256(pair.reference),
    });
  }
  const placed =
    pair.reference && (await placeReference(pair.target, pair.reference, request.registration, quiet(job)));
  return writeSlices(found, pair, placed, request, out, job);
}

/**
 * Writes the slices of a case whose reference lies where `placed` says, a file an orientation. Throws
 * `nothing-readable` where too few show enough of a patient, `write-failed`, `cancelled`.
 */
export async function writeSlices(
  found: FoundCase,
  pair: PairVolumes,
  placed: PlacedReference | undefined,
  request: Pick<Request<'dataPrepare'>, 'planes' | 'leastSlices'> & { readonly alsoAtMm: readonly number[] },
  out: string,
  job: JobContext,
): Promise<Omit<PreparedCase, 'split'>[]> {
  const stacks = pairStacks({ ...pair, transform: placed?.transform }, request.planes, request.alsoAtMm);
  const prepared: Omit<PreparedCase, 'split'>[] = [];
  for (const stack of stacks) {
    if (stack.places.length < request.leastSlices) continue;
    const slices: FullSlice[] = [];
    for (let n = 0; n < stack.places.length; n++) {
      throwIfCancelled(job.signal);
      slices.push(stack.slice(n));
    }
    const bytes = encodeCase(slices, stack.rows, stack.columns);
    const name = [found.name, ...partsOf(stack, stacks)].join('.');
    const file = `${fileStem(found.name)}${stacks.length === 1 ? '' : `.${stack.plane}`}.safetensors`;
    await writeFileAtomically(join(out, file), bytes);
    prepared.push({
      name,
      patient: found.patient,
      sources: pair.files.map((source) => ({ ...source })),
      plane: stack.plane,
      rows: stack.rows,
      columns: stack.columns,
      spacingMm: [...stack.spacingMm],
      sliceThicknessMm: stack.sliceThicknessMm,
      places: [...stack.places],
      registration: placed?.words,
      notes: found.notes.length === 0 ? undefined : [...found.notes],
      file,
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  }
  if (prepared.length === 0) {
    throw new TandemError(
      'nothing-readable',
      `Fewer than ${request.leastSlices} slices show enough of a patient`,
    );
  }
  return prepared;
}

/** What tells a stack of a case from its others. */
function partsOf({ plane, reducedToMm }: PairStack, all: readonly PairStack[]): string[] {
  return [
    ...(new Set(all.map((stack) => stack.plane)).size > 1 ? [plane] : []),
    ...(reducedToMm === undefined ? [] : [`${reducedToMm}mm`]),
  ];
}

/** A registration's own steps would hide how far the preparation is. */
function quiet({ signal }: JobContext): JobContext {
  return { signal, progress: () => {} };
}
