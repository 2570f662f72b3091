import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Request, Result } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { checkOutputFolder, writeFileAtomically } from '../../export/atomic.ts';
import type { Handler } from '../../host/handler.ts';
import { appVersion } from '../../version.ts';
import { encodeCase } from './caseFile.ts';
import { findCases } from './findCases.ts';
import type { FoundCase } from './layouts.ts';
import {
  DATA_FILE,
  DATA_FORMAT_VERSION,
  type DataManifest,
  manifestText,
  type PreparedCase,
} from './manifest.ts';
import { readPair } from './pairFiles.ts';
import { pairStacks } from './pairStacks.ts';
import { placeReference } from './placeReference.ts';
import { splitPatients } from './splitPatients.ts';
import type { FullSlice } from './trainingCase.ts';

/**
 * `tandem data prepare`: cases to training slices, split by patient, with a manifest of hashes. A case whose
 * reference cannot be trusted to lie on its target, or that cannot be read, is left out and named with the reason.
 * Throws `nothing-readable` where no case is left to train on, `usage`, `output-exists`, `cancelled`.
 */
export const prepareOperation: Handler<'dataPrepare'> = async (request, job) => {
  const out = resolve(request.out);
  await checkOutputFolder(out);
  const found = await findCases(request, job);
  const sides = splitPatients(
    found.map(({ patient }) => patient),
    request,
  );
  const cases: PreparedCase[] = [];
  const leftOut: DataManifest['leftOut'] = [];
  for (const [index, one] of found.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'preparing', done: index, total: found.length, message: one.name });
    try {
      const side = sides.get(one.patient)!;
      // Other planes are more to learn from; what is measured on are slices as they are acquired.
      const planes = side === 'train' ? request.planes : 'acquired';
      for (const prepared of await prepareCase(one, { ...request, planes }, out, job)) {
        cases.push({ ...prepared, split: side });
      }
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
  const manifest: DataManifest = {
    format: 'tandem-data',
    formatVersion: DATA_FORMAT_VERSION,
    name: request.name ?? basename(out),
    target: request.target,
    reference: request.reference ?? null,
    preparation: {
      software: `Tandem MR ${appVersion}`,
      planes: request.planes,
      registration: request.registration,
      seed: request.seed,
      validationShare: request.validationShare,
      testShare: request.testShare,
    },
    cases,
    leftOut,
  };
  const text = manifestText(manifest);
  await writeFileAtomically(join(out, DATA_FILE), text);
  return resultOf(out, manifest, text);
};

/** Writes the slices of a case, a file an orientation. */
async function prepareCase(
  found: FoundCase,
  request: Request<'dataPrepare'>,
  out: string,
  job: JobContext,
): Promise<Omit<PreparedCase, 'split'>[]> {
  if (found.missing !== undefined) throw new TandemError('not-found', found.missing);
  const pair = await readPair(found);
  const placed =
    pair.reference && (await placeReference(pair.target, pair.reference, request.registration, quiet(job)));
  const stacks = pairStacks({ ...pair, transform: placed?.transform }, request.planes);
  const prepared: Omit<PreparedCase, 'split'>[] = [];
  for (const stack of stacks) {
    if (stack.places.length < request.leastSlices) continue;
    const slices: FullSlice[] = [];
    for (let n = 0; n < stack.places.length; n++) {
      throwIfCancelled(job.signal);
      slices.push(stack.slice(n));
    }
    const bytes = encodeCase(slices, stack.rows, stack.columns);
    const name = stacks.length === 1 ? found.name : `${found.name}.${stack.plane}`;
    const file = `${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.safetensors`;
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

/** A registration's own steps would hide how far the preparation is. */
function quiet({ signal }: JobContext): JobContext {
  return { signal, progress: () => {} };
}

function resultOf(out: string, { cases, leftOut }: DataManifest, text: string): Result<'dataPrepare'> {
  const count = (side: PreparedCase['split']) => {
    const of = cases.filter(({ split }) => split === side);
    return {
      patients: new Set(of.map(({ patient }) => patient)).size,
      cases: of.length,
      slices: of.reduce((sum, { places }) => sum + places.length, 0),
    };
  };
  return {
    path: out,
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: cases.reduce((sum, { bytes }) => sum + bytes, 0),
    train: count('train'),
    validation: count('validation'),
    test: count('test'),
    leftOut: leftOut.map((one) => ({ ...one })),
  };
}
