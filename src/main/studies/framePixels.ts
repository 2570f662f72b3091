import type { FileHandle } from 'node:fs/promises';
import { beginsCodestream, decodeCodestream } from '../../core/dicom/codecs/decode.ts';
import { decodeRle } from '../../core/dicom/codecs/rle.ts';
import {
  type FrameIndex,
  fragmentBytes,
  indexFrames,
  type ReadAt,
  readFragments,
} from '../../core/dicom/encapsulated.ts';
import { frameBytes, type PixelFormat, type Rescale } from '../../core/dicom/pixels.ts';
import {
  realValues,
  type StoredValues,
  storedFromBytes,
  storedFromSamples,
} from '../../core/dicom/pixelValues.ts';
import { type PixelCoding, pixelCoding } from '../../core/dicom/transferSyntax.ts';
import { TandemError } from '../../core/errors.ts';
import { readBytes } from './dicomFile.ts';
import { decodeJpeg2000 } from './jpeg2000.ts';

/**
 * Black frames shrink to nothing and real ones to a tenth: a frame larger than this must come from as many
 * bytes as a real one. A decoder takes about ten times the frame.
 */
const SMALL_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_RATIO = 32;
/** No codec makes pixels four times as large. */
const MAX_EXPANSION = 4;
const SPARE_BYTES = 1024 * 1024;

/**
 * The pixels of one frame in real-world units, row-major: rows × columns of them. Only this frame's bytes
 * are read from the file. Real-world values are stored values times slope plus intercept, and 0 where the
 * image is padded.
 *
 * @param file must be the one that `format` was read from; where its fragments lie is found once and kept
 *   as long as it is open
 * @param frame from 0
 * @param inflated the whole data set where the file is deflated (`DicomHeader.inflated`): `format.offset`
 *   counts from its start, and nothing is read from the file
 * @param rescale of this frame, where it has one of its own (Pixel Value Transformation Sequence)
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format`, `too-large`
 */
export async function readFramePixels(
  file: FileHandle,
  format: PixelFormat,
  frame: number,
  inflated?: Uint8Array,
  rescale: Rescale = format,
): Promise<Float32Array> {
  if (!Number.isInteger(frame) || frame < 0 || frame >= format.frames) {
    throw new TandemError(
      'bad-header',
      `Frame ${frame + 1} is asked for, and the image has ${format.frames}`,
    );
  }
  const read: ReadAt =
    inflated === undefined
      ? (from, count) => readBytes(file, count, from)
      : async (from, count) => inflated.subarray(from, from + count);
  const stored = format.encapsulated
    ? await compressedFrame(read, file, format, frame)
    : await nativeFrame(read, format, frame);
  return realValues(stored, rescale, format);
}

async function nativeFrame(read: ReadAt, format: PixelFormat, frame: number): Promise<StoredValues> {
  const size = frameBytes(format);
  const bytes = await read(format.offset + frame * size, size);
  if (bytes.length < size) throw cutShort();
  return storedFromBytes(bytes, format);
}

async function compressedFrame(
  read: ReadAt,
  file: FileHandle,
  format: PixelFormat,
  frame: number,
): Promise<StoredValues> {
  const coding = pixelCoding(format.transferSyntaxUid)!;
  const index = await frameIndex(read, file, format, coding);
  const size = frameBytes(format);
  const compressed = fragmentBytes(index, frame);
  if (size > SMALL_FRAME_BYTES && size > MAX_RATIO * compressed) {
    throw new TandemError('too-large', `${compressed} bytes are said to hold ${size >> 20} MB of pixels`, {
      hint: 'Export the series uncompressed.',
    });
  }
  if (compressed > MAX_EXPANSION * size + SPARE_BYTES) {
    throw new TandemError('bad-header', `${size} bytes of pixels are said to be compressed to ${compressed}`);
  }
  const bytes = await readFragments(read, index, frame);
  switch (coding) {
    case 'native':
    case 'fragments':
      if (bytes.length < size) throw cutShort();
      return storedFromBytes(bytes, format);
    case 'rle': {
      const decoded = decodeRle(bytes, format.rows * format.columns, format.bitsAllocated / 8);
      return storedFromBytes(decoded, format);
    }
    case 'jpeg-2000':
      return storedFromSamples(await decodeJpeg2000(bytes, format), format);
    default:
      return storedFromSamples(decodeCodestream(coding, bytes, format), format);
  }
}

const indices = new WeakMap<FileHandle, Promise<FrameIndex>>();

/** Where the frames of an open file lie: one walk through its fragments, whatever the number of frames. */
function frameIndex(
  read: ReadAt,
  file: FileHandle,
  format: PixelFormat,
  coding: PixelCoding,
): Promise<FrameIndex> {
  const known = indices.get(file);
  if (known !== undefined) return known;
  const isCodestream = coding === 'jpeg' || coding === 'jpeg-ls' || coding === 'jpeg-2000';
  const index = indexFrames(read, {
    place: { offset: format.offset, length: format.length },
    frames: format.frames,
    extendedOffsets: format.extendedOffsets,
    begins: isCodestream ? (head) => beginsCodestream(coding, head) : undefined,
  });
  indices.set(file, index);
  return index;
}

function cutShort(): TandemError {
  return new TandemError('truncated', 'The file ends in the middle of its pixels', {
    hint: 'Copy or export it again.',
  });
}
