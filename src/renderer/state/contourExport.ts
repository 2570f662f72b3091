import type { RequestInput } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { text } from '../text.ts';
import {
  currentId,
  type ExportedOutlines,
  outlineName,
  outlineOf,
  setContours,
  setOutline,
  useContours,
} from './contours.ts';
import { measureCorrections } from './correcting.ts';
import { deidentificationOf } from './deidentifyActions.ts';
import { useDeidentify } from './deidentifyStore.ts';
import { joinPath } from './hostPaths.ts';
import { runJob, workstation } from './session.ts';
import { isSamePair, useApp } from './store.ts';

/** A name of a folder out of words: `enhanced-x2`. */
export function folderName(words: string): string {
  return words
    .toLowerCase()
    .replaceAll('×', 'x')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/** Writes the chosen outline, or all of them, each into a folder of its own. */
export async function exportOutlines(): Promise<void> {
  const { exportFolder, exportImage, exportFormat, deidentify } = useContours.getState();
  const folder = exportFolder.trim();
  if (folder === '') return;
  setContours({ exported: [] });
  const app = useApp.getState();
  await runJob('segmentExport', async (options) => {
    await measureCorrections();
    const { outlines } = useContours.getState();
    const chosen = outlines.filter(({ image }) => exportImage === null || image === exportImage);
    const names = chosen.map((outline) => folderName(outlineName(outline)));
    const written: ExportedOutlines[number][] = [];
    for (const [n, outline] of chosen.entries()) {
      options.signal.throwIfAborted();
      const id = currentId(outline);
      // What is on the screen was not taken: writing what was there before would be another outline.
      if (id === undefined)
        throw new TandemError('failed', text.contours.export.notTaken(outlineName(outline)));
      const own = names.indexOf(names[n]!) === n ? names[n]! : `${names[n]!}-${n + 1}`;
      const request: RequestInput<'segmentationExport'> = {
        id,
        out: exportImage === null ? joinPath(folder, own) : folder,
        format: exportFormat,
        ...(deidentify && exportFormat === 'dicom-seg'
          ? { deidentify: deidentificationOf(useDeidentify.getState().exportDraft) }
          : {}),
      };
      const result = await workstation().call('segmentationExport', request, options);
      written.push({ name: outlineName(outline), result });
      // Of another pair the reader did not ask it; another search found other outlines under the same images.
      if (!isSamePair(app, useApp.getState())) return;
      setContours({ exported: [...written] });
      if (outlineOf(outline.image)?.found === outline.found) {
        setOutline(outline.image, { exportedRevision: outline.revision });
      }
    }
  });
}
