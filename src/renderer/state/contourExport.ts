import type { RequestInput } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { text } from '../text.ts';
import {
  currentId,
  type ExportedOutlines,
  outlineName,
  setContours,
  setOutline,
  useContours,
} from './contours.ts';
import { measureCorrections } from './correcting.ts';
import { deidentificationOf } from './deidentifyActions.ts';
import { useDeidentify } from './deidentifyStore.ts';
import { runJob, workstation } from './session.ts';

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
  await runJob('segmentExport', async (options) => {
    await measureCorrections();
    const { outlines } = useContours.getState();
    const chosen = outlines.filter(({ image }) => exportImage === null || image === exportImage);
    const names = chosen.map((outline) => folderName(outlineName(outline)));
    const written: ExportedOutlines[number][] = [];
    for (const [n, outline] of chosen.entries()) {
      const id = currentId(outline);
      // What is on the screen was not taken: writing what was there before would be another outline.
      if (id === undefined)
        throw new TandemError('failed', text.contours.export.notTaken(outlineName(outline)));
      const own = names.indexOf(names[n]!) === n ? names[n]! : `${names[n]!}-${n + 1}`;
      const request: RequestInput<'segmentationExport'> = {
        id,
        out: exportImage === null ? joined(folder, own) : folder,
        format: exportFormat,
        ...(deidentify && exportFormat === 'dicom-seg'
          ? { deidentify: deidentificationOf(useDeidentify.getState().exportDraft) }
          : {}),
      };
      const result = await workstation().call('segmentationExport', request, options);
      written.push({ name: outlineName(outline), result });
      setContours({ exported: [...written] });
      setOutline(outline.image, { exportedRevision: outline.revision });
    }
  });
}

/** As the workstation's machine writes paths. */
function joined(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[\\/]+$/, '')}${separator}${name}`;
}
