import { isAbsolute, join, resolve } from 'node:path';
import { TandemError } from '../../../core/errors.ts';
import { readBounded } from '../../models/boundedFile.ts';
import { MODEL_FILE } from '../../models/card.ts';
import { modelIds, siteModelsFolder } from '../../models/folders.ts';
import { shippedModelsFolder } from '../../paths.ts';
import { SEGMENTATION_FORMAT } from './card.ts';
import { segmentationIds } from './folders.ts';

const LARGEST_CARD = 4 * 2 ** 20;

/**
 * Whether an id, or the path of a package, is of a segmentation model; false of what is no package at all. Throws
 * `usage` where an id is of a model of either kind: then its path must be given.
 */
export async function isSegmentationModel(idOrPath: string): Promise<boolean> {
  if (isAbsolute(idOrPath) || /[/\\]/.test(idOrPath) || /^\.\.?$/.test(idOrPath)) {
    return isSegmentationCard(await readBounded(join(resolve(idOrPath), MODEL_FILE), LARGEST_CARD));
  }
  if (!(await segmentationIds()).includes(idOrPath)) return false;
  for (const folder of [shippedModelsFolder, siteModelsFolder()]) {
    if ((await modelIds(folder)).includes(idOrPath)) {
      throw new TandemError(
        'usage',
        `Both a model that enhances and one that segments are called ${idOrPath}`,
        {
          hint: 'Name the folder of the one that is meant.',
        },
      );
    }
  }
  return true;
}

function isSegmentationCard(bytes: Uint8Array | undefined): boolean {
  try {
    const card: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return (card as { format?: unknown } | null)?.format === SEGMENTATION_FORMAT;
  } catch {
    return false;
  }
}
