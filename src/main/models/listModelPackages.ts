import { join } from 'node:path';
import type { RefusedFile } from '../../core/contract/schemas.ts';
import { toErrorData } from '../../core/errors.ts';
import { shippedModelsFolder } from '../paths.ts';
import { modelIds, siteModelsFolder } from './folders.ts';
import { loadModelPackage, type ModelPackage } from './loadModelPackage.ts';

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
