import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { checkOutputFolder, writeFolderAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { chooseCases } from './chooseCases.ts';
import { LOCKED_FILE, lockedText } from './lockedSet.ts';

/**
 * `tandem data choose`: what can be learned from and why the rest cannot, split by person, and the locked test set
 * as a manifest of hashes. Throws `output-exists`, `usage` where there is nothing to lock, as `chooseCases`.
 */
export const casesOperation: Handler<'finetuneCases'> = async (request, job) => {
  const out = request.out === undefined ? undefined : resolve(request.out);
  if (out !== undefined) await checkOutputFolder(out);
  const chosen = await chooseCases(request, job);
  let locked: Result<'finetuneCases'>['locked'] = null;
  if (out !== undefined) {
    if (chosen.locked === undefined) {
      throw new TandemError('usage', 'No case is kept for the test set: there is nothing to lock', {
        hint: 'Name patients with --test, or a share of them with --test-share.',
      });
    }
    const text = lockedText(chosen.locked);
    const write = (folder: string) => writeFile(join(folder, LOCKED_FILE), text);
    await writeFolderAtomically(out, write, { signal: job.signal });
    locked = {
      path: join(out, LOCKED_FILE),
      sha256: createHash('sha256').update(text).digest('hex'),
      cases: chosen.locked.cases.length,
    };
  }
  return {
    cases: chosen.cases.map(({ found, split, slices, fill, registration, voxels }) => ({
      name: found.name,
      patient: found.patient,
      split,
      path: found.path,
      target: found.target,
      reference: found.reference,
      slices,
      spectrumFill: [fill.alongRows, fill.alongColumns],
      registration,
      notes: [...found.notes],
      voxelsSha256: voxels.target,
    })),
    leftOut: chosen.leftOut.map((one) => ({ ...one })),
    samePeople: chosen.samePeople.map((one) => ({
      cases: [one.case, one.trainedCase],
      patients: [one.patient, one.trainedPatient],
      how: one.how,
      words: one.words,
    })),
    locked,
  };
};
