import { readFile, writeFile } from 'node:fs/promises';
import dicomParser from 'dicom-parser';
import { type DataElement, type DataSet, mergeDataSets } from '../../../src/core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../../src/core/dicom/derived/encode.ts';
import { readElements } from '../../../src/core/dicom/derived/readElements.ts';

/** Writes files again with some elements set: `{ x00100010: ['PN', 'A^B'] }`. Pixels stay. */
export async function rewriteFiles(
  paths: readonly string[],
  change: Readonly<Record<string, readonly [vr: string, value: string | Uint8Array]>>,
): Promise<void> {
  const elements = Object.entries(change).map(
    ([name, [vr, value]]): DataElement => ({
      tag: Number.parseInt(name.slice(1), 16),
      vr,
      value: typeof value === 'string' ? new TextEncoder().encode(value) : Uint8Array.from(value),
    }),
  );
  for (const path of paths) {
    const bytes = Uint8Array.from(await readFile(path));
    const pixels = dicomParser.parseDicom(bytes).elements.x7fe00010!;
    const pixelData: DataSet = [
      {
        tag: 0x7fe00010,
        vr: 'OW',
        value: bytes.subarray(pixels.dataOffset, pixels.dataOffset + pixels.length),
      },
    ];
    const source = readElements(bytes, true, () => undefined);
    await writeFile(path, encodeDicomFile(mergeDataSets(source, elements, pixelData)));
  }
}
