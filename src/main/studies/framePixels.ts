import type { FileHandle } from 'node:fs/promises';
import { decodeFrame, frameBytes, type PixelFormat, type Rescale } from '../../core/dicom/pixels.ts';
import { TandemError } from '../../core/errors.ts';
import { readBytes } from './dicomFile.ts';

/**
 * The pixels of one frame in real-world units, row-major: rows × columns of them. Only this frame's bytes
 * are read from the file.
 *
 * @param frame from 0
 * @param inflated the whole data set where the file is deflated (`DicomHeader.inflated`): `format.offset`
 *   counts from its start, and nothing is read from the file
 * @param rescale of this frame, where it has one of its own (Pixel Value Transformation Sequence)
 * @throws TandemError `truncated`, `bad-header`
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
  const size = frameBytes(format);
  const at = format.offset + frame * size;
  const bytes = inflated?.subarray(at, at + size) ?? (await readBytes(file, size, at));
  if (bytes.length < size) {
    throw new TandemError('truncated', 'The file ends in the middle of its pixels', {
      hint: 'Copy or export it again.',
    });
  }
  return decodeFrame(bytes, format, rescale);
}
