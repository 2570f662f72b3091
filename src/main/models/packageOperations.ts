import { access, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { AuditLog } from '../audit/auditLog.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import type { Handler } from '../host/handler.ts';
import { readAcceptance } from './acceptanceFile.ts';
import { loadModelPackage } from './loadModelPackage.ts';
import { modelEvidence } from './modelEvidence.ts';
import { PackageArchive, writeArchive } from './packageArchive.ts';
import { packageFiles } from './packageFiles.ts';
import { requireFreeId, siteFolderFor } from './siteModels.ts';
import { stateOf } from './standing.ts';
import { changeState } from './stateChange.ts';
import { answer, statedOf } from './stateOperations.ts';

/** Writes a package with its report as one file, and records it: what cannot be recorded is not written. */
export const exportPackageOperation: Handler<'modelsExportPackage'> = async (request, job) => {
  const out = resolve(request.out);
  const model = await loadModelPackage(request.model);
  // A report of other weights must not go out with these.
  await readAcceptance(model);
  await requireNothingAt(out);
  const written = await writeArchive(model, out, job);
  const { model: named } = modelEvidence(model.card);
  try {
    new AuditLog().append(
      {
        kind: 'package-exported',
        outcome: 'done',
        model: named && { ...named, state: await stateOf(model) },
        outputs: { package: written.sha256 },
      },
      request.by,
    );
  } catch (error) {
    await rm(out, { force: true });
    throw error;
  }
  return { path: out, ...written };
};

/**
 * Takes a package from one file into the site's models, as a candidate, whatever it was elsewhere: another site's
 * scans are not these.
 */
export const importPackageOperation: Handler<'modelsImportPackage'> = async (request, job) => {
  const path = resolve(request.path);
  const archive = await PackageArchive.open(path);
  const { id } = archive.manifest;
  const folder = siteFolderFor(id);
  try {
    await requireFreeId(id);
    const unpack = async (temporary: string): Promise<void> => {
      await archive.unpack(temporary, job);
      const model = await loadModelPackage(temporary);
      if (model.id !== id) {
        throw new TandemError('bad-model', `The archive says ${id}, and the card in it ${model.id}`, {
          path,
        });
      }
      await packageFiles(model);
      await readAcceptance(model);
    };
    await writeFolderAtomically(folder, unpack, { signal: job.signal });
  } finally {
    await archive.close();
  }
  const model = await loadModelPackage(folder);
  try {
    changeState(statedOf(model), 'package-imported', 'candidate', { by: request.by }, null, () => {});
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return answer(model);
};

async function requireNothingAt(path: string): Promise<void> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  if (found) {
    throw new TandemError('output-exists', 'There is a file of this name', {
      path,
      hint: 'Name a new file.',
    });
  }
}
