import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '../paths.ts';
import { MODEL_FILE } from './card.ts';

/** Where a site's own models lie: what it took in or accepted, each in a folder of its id. */
export function siteModelsFolder(): string {
  return join(dataFolder(), 'models');
}

/** Names of the folders below `models` that hold a model card, sorted. */
export async function modelIds(models: string): Promise<string[]> {
  const names = await readdir(models).catch(() => []);
  const found: string[] = [];
  for (const name of names.sort()) {
    const card = await stat(join(models, name, MODEL_FILE)).catch(() => undefined);
    if (card?.isFile()) found.push(name);
  }
  return found;
}
