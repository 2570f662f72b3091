import { join } from 'node:path';
import type { RefusedFile } from '../../../core/contract/schemas.ts';
import { toErrorData } from '../../../core/errors.ts';
import { modelIds } from '../../models/folders.ts';
import { shippedSegmentationFolder, siteSegmentationFolder } from './folders.ts';
import { loadSegmentationPackage, type SegmentationPackage } from './loadPackage.ts';

/** Every segmentation package, read and checked; those that do not hold are refused with the reason. */
export async function listSegmentationPackages(): Promise<{
  readonly models: readonly SegmentationPackage[];
  readonly refused: readonly RefusedFile[];
}> {
  const models: SegmentationPackage[] = [];
  const refused: RefusedFile[] = [];
  for (const folder of [shippedSegmentationFolder(), siteSegmentationFolder()]) {
    for (const name of await modelIds(folder)) {
      const path = join(folder, name);
      try {
        models.push(await loadSegmentationPackage(path));
      } catch (error) {
        const { code, message } = toErrorData(error);
        refused.push({ path, code, message });
      }
    }
  }
  return { models, refused };
}

/** Whether a model is one of those that ship, byte for byte. */
export async function shipsWithProgram({ card }: Pick<SegmentationPackage, 'card'>): Promise<boolean> {
  const folder = shippedSegmentationFolder();
  if (!(await modelIds(folder)).includes(card.id)) return false;
  const { loadSegmentationCard } = await import('./loadPackage.ts');
  const shipped = await loadSegmentationCard(join(folder, card.id)).catch(() => undefined);
  return (
    shipped !== undefined &&
    shipped.weights.sha256 === card.weights.sha256 &&
    JSON.stringify(shipped.spec) === JSON.stringify(card.spec)
  );
}
