import { parseDataSet } from '../../../src/core/dicom/dataSet.ts';
import { type Instance, readInstances } from '../../../src/core/dicom/instance.ts';
import { realValues, storedFromBytes } from '../../../src/core/dicom/pixelValues.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { dicomFile, type Elements, type FileOptions } from '../../helpers/dicomBuilder.ts';

/** What the reader makes of a file's bytes. */
export function instanceOf(bytes: Uint8Array, path = '/data/slice.dcm'): Instance {
  const result = parseDataSet(bytes, { fileBytes: bytes.length });
  if ('more' in result) throw new Error('more bytes wanted of a whole file');
  return readInstances(result.dataSet, path, bytes.length)[0]!;
}

/** Reads elements back after writing them; the path tells the instance's place in the list. */
export function read(elements: Elements, options: FileOptions = {}, path?: string): Instance {
  return instanceOf(dicomFile(elements, options), path);
}

export function pixelsOf(bytes: Uint8Array): number[] {
  const { format } = instanceOf(bytes);
  return [...realValues(storedFromBytes(bytes.subarray(format.offset), format), format, format)];
}

/** The code that an action fails with; undefined where it does not fail. */
export function codeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof TandemError) return error.code;
    throw error;
  }
}
