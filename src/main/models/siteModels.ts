import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import { dataSubfolder } from '../library/folder.ts';
import { shippedModelsFolder } from '../paths.ts';
import { modelIds, siteModelsFolder } from './folders.ts';
import { modelIdentity } from './identity.ts';
import { loadModelCard, loadModelPackage, type ModelPackage } from './loadModelPackage.ts';
import { packageFiles } from './packageFiles.ts';

/** Whether a package lies among the site's own. */
export function isOfSite({ path }: Pick<ModelPackage, 'path'>): boolean {
  return dirname(resolve(path)) === resolve(siteModelsFolder());
}

/**
 * The package among the site's own that is this one: itself, or a copy that is made whole. What a site accepts must
 * not change or vanish with the folder that it was trained in.
 * @throws TandemError `output-exists` where another model has its id, `bad-model`, `no-permission`, `write-failed`
 */
export async function takenIn(model: ModelPackage): Promise<ModelPackage> {
  if (isOfSite(model)) return model;
  const folder = siteFolderFor(model.id);
  if ((await modelIds(siteModelsFolder())).includes(model.id)) {
    const there = await loadModelCard(folder);
    if (modelIdentity(there) !== modelIdentity(model.card)) throw idTaken(model.id, folder);
    return renewed(model, folder);
  }
  await requireFreeId(model.id);
  await copyPackage(model, folder);
  return loadModelPackage(folder);
}

/** The folder that a model of an id has among the site's own; what is above it is there. */
export function siteFolderFor(id: string): string {
  return join(dataSubfolder('models'), id);
}

/** Throws `output-exists` where a model that ships, or one of the site's, has this id. */
export async function requireFreeId(id: string): Promise<void> {
  if ((await modelIds(shippedModelsFolder)).includes(id)) throw idTaken(id, join(shippedModelsFolder, id));
  if ((await modelIds(siteModelsFolder())).includes(id)) throw idTaken(id, siteFolderFor(id));
}

/** The copy that is there, with the acceptance report of the package where it has none yet. */
async function renewed(model: ModelPackage, folder: string): Promise<ModelPackage> {
  const there = await loadModelPackage(folder);
  const known = new Set((await packageFiles(there)).map(({ name }) => name));
  for (const { name } of await packageFiles(model)) {
    if (!known.has(name)) await copyFile(join(model.path, name), join(folder, name), constants.COPYFILE_EXCL);
  }
  return there;
}

async function copyPackage(model: ModelPackage, folder: string): Promise<void> {
  const files = await packageFiles(model);
  await writeFolderAtomically(folder, async (temporary) => {
    for (const { name } of files) await copyFile(join(model.path, name), join(temporary, name));
    const copied = await packageFiles(await loadModelPackage(temporary));
    if (JSON.stringify(copied) === JSON.stringify(files)) return;
    throw new TandemError('bad-model', 'The package was changed while it was copied', {
      path: model.path,
      hint: 'Try again when nothing writes there.',
    });
  });
}

function idTaken(id: string, path: string): TandemError {
  return new TandemError('output-exists', `There is another model called ${id}`, {
    path,
    hint: 'A model keeps its id for good: train or import it under another one.',
  });
}
