import { join } from 'node:path';
import type { Request } from '../../core/contract/operations.ts';
import { TandemError, toErrorData } from '../../core/errors.ts';
import { networkNamed } from '../../core/networks/index.ts';
import { modelIds } from '../models/folders.ts';
import { loadModelCard, loadModelPackage, type ModelPackage } from '../models/loadModelPackage.ts';
import { shippedModelsFolder } from '../paths.ts';

export interface ChosenModels {
  readonly models: readonly ModelPackage[];
  /** Packages passed over, and why. */
  readonly warnings: readonly string[];
}

type Asked = Pick<Request<'evaluate'>, 'models' | 'target' | 'reference' | 'scale'>;

/** Names of methods that are no models. */
const TAKEN = ['zero-fill', 'cubic'];

/**
 * The models to evaluate, each once: those named, or all shipped ones of the target and scale whose reference
 * is the one asked for or none. Of all, a package that does not hold is passed over and told.
 *
 * @param folder of the shipped packages
 * @throws TandemError `model-not-found`, `usage` (another scale, two models of one id), `no-reference` (a named
 *   model needs a reference and none is asked for), what loading throws.
 */
export async function chooseModels(
  asked: Asked,
  folder: string = shippedModelsFolder,
): Promise<ChosenModels> {
  const { models, warnings } =
    asked.models === 'all'
      ? await allModels(asked, folder)
      : { models: await namedModels(asked, asked.models, folder), warnings: [] };
  checkNames(models);
  return { models, warnings };
}

/** Numbers stand under a model's id. Throws `usage` where two methods have the same. */
export function checkNames(models: readonly Pick<ModelPackage, 'id' | 'path'>[]): void {
  const ids = new Set<string>(TAKEN);
  for (const { id, path } of models) {
    if (ids.has(id)) {
      throw new TandemError('usage', `Two methods are called ${id}: their numbers could not be told apart`, {
        path,
        hint: 'Evaluate them one at a time, or change the id on the card of one.',
      });
    }
    ids.add(id);
  }
}

async function namedModels(asked: Asked, names: readonly string[], folder: string): Promise<ModelPackage[]> {
  const found = new Map<string, ModelPackage>();
  for (const name of names) {
    const model = await loadModelPackage(name, folder);
    const { id, card, path } = model;
    if (card.scale !== asked.scale) {
      throw new TandemError('usage', `The model ${id} enhances ×${card.scale}, not ×${asked.scale}`, {
        hint: `Ask for --scale ${card.scale}, or name another model.`,
      });
    }
    if (asked.reference === undefined && networkNamed(card.network).usesReference) {
      throw new TandemError('no-reference', `The model ${id} needs a reference`, {
        hint: 'Name its contrast with --reference, or choose a model for single images.',
      });
    }
    found.set(path, model);
  }
  return [...found.values()];
}

async function allModels(
  asked: Asked,
  folder: string,
): Promise<{ models: ModelPackage[]; warnings: string[] }> {
  const models: ModelPackage[] = [];
  const warnings: string[] = [];
  for (const name of await modelIds(folder)) {
    const path = join(folder, name);
    try {
      const { scale, contrasts } = await loadModelCard(path);
      const fits =
        scale === asked.scale &&
        contrasts.target === asked.target &&
        (contrasts.reference === null || contrasts.reference === asked.reference);
      if (fits) models.push(await loadModelPackage(path));
    } catch (error) {
      warnings.push(`The model ${name} was passed over: ${toErrorData(error).message}`);
    }
  }
  if (models.length > 0) return { models, warnings };
  const pair = asked.reference === undefined ? asked.target : `${asked.target} with ${asked.reference}`;
  throw new TandemError('model-not-found', `No model enhances ${pair} ×${asked.scale}`, {
    path: folder,
    hint: 'Name a model, or ask for another scale or contrast.',
  });
}
