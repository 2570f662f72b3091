import { join } from 'node:path';
import type { RefusedFile } from '../../core/contract/schemas.ts';
import { toErrorData } from '../../core/errors.ts';
import { shippedModelsFolder } from '../paths.ts';
import { modelIds } from './folders.ts';
import { loadModelPackage, type ModelPackage } from './loadModelPackage.ts';

export interface ModelListing {
  readonly models: readonly ModelPackage[];
  readonly refused: readonly RefusedFile[];
}

/** Every package below a folder, read and checked; those that do not hold are refused with the reason. */
export async function listModelPackages(models: string = shippedModelsFolder): Promise<ModelListing> {
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
