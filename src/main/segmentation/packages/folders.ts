import { join } from 'node:path';
import { modelIds } from '../../models/folders.ts';
import { dataFolder, shippedModelsFolder } from '../../paths.ts';

/** Where the segmentation packages lie that ship. */
export function shippedSegmentationFolder(): string {
  return join(shippedModelsFolder, 'segmentation');
}

/** Where a site's own lie, each in a folder of its id. */
export function siteSegmentationFolder(): string {
  return join(dataFolder(), 'segmentation-models');
}

/** The ids of all packages: those that ship, and behind them the site's. */
export async function segmentationIds(): Promise<string[]> {
  return [...(await modelIds(shippedSegmentationFolder())), ...(await modelIds(siteSegmentationFolder()))];
}
