import { join } from 'node:path';
import type { RefusedFile } from '../../core/contract/schemas.ts';
import { toErrorData } from '../../core/errors.ts';
import { shippedModelsFolder } from '../paths.ts';
import { modelIds, siteModelsFolder } from './folders.ts';
import { loadModelCard, loadModelPackage, type ModelPackage } from './loadModelPackage.ts';

export interface ModelListing {
  readonly models: readonly ModelPackage[];
  readonly refused: readonly RefusedFile[];
}

/** The packages that ship, and behind them the site's own, read and checked. */
export async function listModelPackages(): Promise<ModelListing> {
  const shipped = await listPackagesBelow(shippedModelsFolder);
  const site = await listPackagesBelow(siteModelsFolder());
  return { models: [...shipped.models, ...site.models], refused: [...shipped.refused, ...site.refused] };
}

/** A package by its card alone: its weights were not read. */
export type CardedModel = Pick<ModelPackage, 'id' | 'path' | 'card'>;

/** The cards of all packages, shipped and the site's; what cannot be read is left out. */
export async function listModelCards(): Promise<CardedModel[]> {
  const found: CardedModel[] = [];
  for (const folder of [shippedModelsFolder, siteModelsFolder()]) {
    for (const name of await modelIds(folder)) {
      const path = join(folder, name);
      const card = await loadModelCard(path).catch(() => undefined);
      if (card !== undefined) found.push({ id: card.id, path, card });
    }
  }
  return found;
}

/** Every package below a folder, read and checked; those that do not hold are refused with the reason. */
export async function listPackagesBelow(models: string): Promise<ModelListing> {
  const found: ModelPackage[] = [];
  const refused: RefusedFile[] = [];
  for (const name of await modelIds(models)) {
    const path = join(models, name);
    try {
      found.push(await loadModelPackage(path));
    } catch (error) {
      const { code, message } = toErrorData(error);
      refused.push({ path, code, message });
    }
  }
  return { models: found, refused };
}
