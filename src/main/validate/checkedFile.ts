import { looksLikeDicom, DataSet as Places } from '../../core/dicom/dataSet.ts';
import type { VrDictionary } from '../../core/dicom/derived/dictionary.ts';
import { readWithPrivate } from '../../core/dicom/derived/readElements.ts';
import { walkElements } from '../../core/dicom/elements.ts';
import { isDirectory } from '../../core/dicom/instance.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../../core/dicom/transferSyntax.ts';
import type { CheckedMeta, CheckedObject } from '../../core/dicom/validate/checkedObject.ts';
import { TandemError } from '../../core/errors.ts';
import { readDicomHeader, readHead, withFile } from '../studies/dicomFile.ts';
import { readError } from '../studies/readErrors.ts';

/**
 * A DICOM file as validation wants it: header only, pixels by their place.
 * @throws TandemError about the file: `not-an-image`, `unsupported-format` (a DICOMDIR), `bad-header`, `truncated`
 */
export async function readCheckedObject(path: string, dictionary: VrDictionary): Promise<CheckedObject> {
  try {
    return await withFile(path, async (file, fileBytes) => {
      const head = await readHead(file, fileBytes);
      if (!looksLikeDicom(head))
        throw new TandemError('not-an-image', 'This is not DICOM: it is not checked');
      const { dataSet, availableBytes } = await readDicomHeader(file, fileBytes, head);
      if (isDirectory(dataSet)) {
        throw new TandemError('unsupported-format', 'A DICOMDIR is a list of files: it is not checked');
      }
      const read = readWithPrivate(dataSet.bytes, dataSet.littleEndian, dictionary, { keepPrivate: true });
      const { pixelData } = dataSet;
      return {
        file: path,
        meta: metaOf(head, dictionary),
        dataSet: read.dataSet,
        explicit: read.explicit,
        littleEndian: dataSet.littleEndian,
        pixels: pixelData && {
          tag: pixelData.tag,
          vr: pixelData.vr,
          bytes: pixelData.length,
          available: availableBytes - pixelData.offset,
          encapsulated: pixelData.encapsulated,
        },
      };
    });
  } catch (error) {
    throw readError(error, path);
  }
}

const PREFIX = 132;
const GROUP_LENGTH = 0x00020000;

/** File meta information is explicit little endian whatever follows it. */
function metaOf(head: Uint8Array, dictionary: VrDictionary): CheckedMeta | undefined {
  if (String.fromCharCode(...head.subarray(128, PREFIX)) !== 'DICM') return undefined;
  const walk = walkElements(head, { explicit: true, littleEndian: true, start: PREFIX, onlyGroup: 2 });
  if (walk.end === PREFIX) return undefined;
  const meta = head.subarray(0, walk.end);
  const places = new Places(meta, walk, true, EXPLICIT_LITTLE_ENDIAN);
  const { dataSet } = readWithPrivate(meta, true, dictionary, {
    keepPrivate: true,
    start: PREFIX,
    explicit: true,
  });
  const lengthPlace = places.place(GROUP_LENGTH);
  if (lengthPlace === undefined) return { dataSet, groupBytes: walk.end - PREFIX };
  const { offset, length } = lengthPlace;
  // Group lengths are left out where data sets are read; this one is wanted.
  const groupLength = { tag: GROUP_LENGTH, vr: 'UL', value: meta.subarray(offset, offset + length) };
  return { dataSet: [groupLength, ...dataSet], groupBytes: walk.end - offset - length };
}
