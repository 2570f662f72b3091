import type { FileHandle } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { looksLikeDicom } from '../../core/dicom/dataSet.ts';
import {
  type DeidentifySettings,
  deidentifyDataSet,
  patientKey,
} from '../../core/dicom/deidentify/deidentifyDataSet.ts';
import { stringsOf } from '../../core/dicom/deidentify/dummies.ts';
import { withDeidentificationMarks } from '../../core/dicom/deidentify/marks.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { encodeDataSet, encodeFilePrefix } from '../../core/dicom/derived/encode.ts';
import { readWithPrivate } from '../../core/dicom/derived/readElements.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import type { Encoding } from '../../core/dicom/elementHeader.ts';
import { isDirectory } from '../../core/dicom/instance.ts';
import {
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../../core/dicom/transferSyntax.ts';
import { TandemError } from '../../core/errors.ts';
import { readDicomHeader, readHead, withFile } from '../studies/dicomFile.ts';
import { readError } from '../studies/readErrors.ts';
import { appVersion } from '../version.ts';
import { type ByteSource, endOfPixelGroup, fileSource, memorySource } from './byteSource.ts';

/** A de-identified object, before it is written: all but its pixels, and where those are. */
export interface DeidentifiedFile {
  readonly source: DataSet;
  readonly dataSet: DataSet;
  /** Tells patients apart; not to be shown. */
  readonly patient: string;
  readonly seriesUid: string;
  /** Writes the whole file through `write`, pixels byte for byte as they were. */
  copyTo(write: (bytes: Uint8Array) => Promise<void>): Promise<void>;
}

/** What follows the pixels is signatures and padding: never much. */
const LONGEST_TAIL = 32 * 1024 * 1024;
const PIECE_BYTES = 1 << 20;

/**
 * De-identifies one DICOM file. The pixel group is neither decoded nor held: it is copied, in the transfer
 * syntax that it has. `use` gets the result while the file is open.
 *
 * @throws TandemError about the file: `not-an-image`, `unsupported-format` (a DICOMDIR), `bad-header`, `truncated`.
 */
export async function deidentifyFile<R>(
  path: string,
  settings: DeidentifySettings,
  use: (file: DeidentifiedFile) => Promise<R>,
): Promise<R> {
  try {
    return await withFile(path, async (file, fileBytes) => use(await open(file, fileBytes, settings)));
  } catch (error) {
    throw readError(error, path);
  }
}

async function open(
  file: FileHandle,
  fileBytes: number,
  settings: DeidentifySettings,
): Promise<DeidentifiedFile> {
  const head = await readHead(file, fileBytes);
  if (!looksLikeDicom(head)) throw new TandemError('not-an-image', 'This is not DICOM: it is not copied');
  const { dataSet: header, inflated } = await readDicomHeader(file, fileBytes, head);
  if (isDirectory(header)) {
    throw new TandemError(
      'unsupported-format',
      'A DICOMDIR names files that get other names: it is not copied',
    );
  }
  const bytes = inflated === undefined ? fileSource(file, fileBytes) : memorySource(inflated);
  const { littleEndian } = header;
  const before = readWithPrivate(header.bytes, littleEndian, settings.dictionary, { keepPrivate: true });
  const encoding = { explicit: before.explicit, littleEndian };
  const pixelsEnd =
    header.pixelData === undefined ? before.at : await endOfPixelGroup(bytes, before.at, encoding);
  const after = header.pixelData === undefined ? [] : await readTail(bytes, pixelsEnd, encoding, settings);
  const source = [...before.dataSet, ...after];
  const find = finder(source);
  for (const [tag, keyword] of REQUIRED) {
    if (find(tag) === '') throw new TandemError('bad-header', `The file has no ${keyword}`);
  }
  const dataSet = withDeidentificationMarks(
    deidentifyDataSet(source, settings),
    settings.options,
    appVersion,
  );
  const isDeflated = inflated !== undefined;
  return {
    source,
    dataSet,
    patient: patientKey(find),
    seriesUid: finder(dataSet)(T.SeriesInstanceUID),
    copyTo: (write) =>
      copyFile(write, {
        dataSet,
        bytes,
        pixels: { at: before.at, end: pixelsEnd },
        encoding,
        syntax: isDeflated ? DEFLATED_LITTLE_ENDIAN : syntaxOf(encoding, header.transferSyntaxUid),
        isDeflated,
      }),
  };
}

const REQUIRED = [
  [T.SOPClassUID, 'SOP Class UID'],
  [T.SOPInstanceUID, 'SOP Instance UID'],
] as const;

async function readTail(
  bytes: ByteSource,
  at: number,
  encoding: Encoding,
  settings: DeidentifySettings,
): Promise<DataSet> {
  const length = bytes.length - at;
  if (length < 8) return [];
  if (length > LONGEST_TAIL) throw new TandemError('unsupported-format', 'Too much follows the pixels');
  const tail = await bytes.read(at, length);
  // Zeros are padding, not elements.
  if (tail[0] === 0 && tail[1] === 0) return [];
  return readWithPrivate(tail, encoding.littleEndian, settings.dictionary, {
    keepPrivate: true,
    start: 0,
    explicit: encoding.explicit,
  }).dataSet;
}

/** The syntax that the file is in, which is not always the one that it declares. */
function syntaxOf({ explicit, littleEndian }: Encoding, declared: string): string {
  if (!explicit) return IMPLICIT_LITTLE_ENDIAN;
  if (!littleEndian) return EXPLICIT_BIG_ENDIAN;
  return declared === IMPLICIT_LITTLE_ENDIAN ? EXPLICIT_LITTLE_ENDIAN : declared;
}

const PIXEL_GROUP_TAG = 0x7fe00000;

async function copyFile(
  write: (bytes: Uint8Array) => Promise<void>,
  what: {
    readonly dataSet: DataSet;
    readonly bytes: ByteSource;
    readonly pixels: { readonly at: number; readonly end: number };
    readonly encoding: Encoding;
    readonly syntax: string;
    readonly isDeflated: boolean;
  },
): Promise<void> {
  const { dataSet, bytes, pixels, encoding } = what;
  await write(encodeFilePrefix(dataSet, what.syntax));
  const before = encodeDataSet(
    dataSet.filter(({ tag }) => tag < PIXEL_GROUP_TAG),
    encoding,
  );
  const after = encodeDataSet(
    dataSet.filter(({ tag }) => tag >= PIXEL_GROUP_TAG),
    encoding,
  );
  if (what.isDeflated) {
    const inner = await bytes.read(pixels.at, pixels.end - pixels.at);
    const packed = deflateRawSync(Buffer.concat([before, inner, after]));
    await write(packed.length % 2 === 0 ? packed : Buffer.concat([packed, Buffer.alloc(1)]));
    return;
  }
  await write(before);
  for (let at = pixels.at; at < pixels.end; at += PIECE_BYTES) {
    await write(await bytes.read(at, Math.min(PIECE_BYTES, pixels.end - at)));
  }
  await write(after);
}

/** Finds the first value of a text element; '' where there is none. */
export function finder(dataSet: DataSet): (tag: number) => string {
  return (tag) => {
    const value = dataSet.find((element) => element.tag === tag)?.value;
    return value instanceof Uint8Array ? (stringsOf(value)[0] ?? '') : '';
  };
}
