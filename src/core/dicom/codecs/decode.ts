import type { PixelCodec } from '../transferSyntax.ts';
import { decodeJpeg } from './jpeg/decode.ts';
import { decodeJpegLs } from './jpegLs/decode.ts';
import type { FrameSize, Samples } from './samples.ts';

/** Codecs that are decoded in core; JPEG 2000 is WebAssembly, which is loaded from a file. */
export type CoreCodec = Extract<PixelCodec, 'jpeg' | 'jpeg-ls'>;

/**
 * The samples of one compressed grey frame.
 * @param size of the image by its header, which the codestream must have
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format`
 */
export function decodeCodestream(codec: CoreCodec, bytes: Uint8Array, size: FrameSize): Samples {
  return codec === 'jpeg' ? decodeJpeg(bytes, size) : decodeJpegLs(bytes, size);
}

const START: Readonly<Record<CoreCodec | 'jpeg-2000', readonly number[]>> = {
  jpeg: [0xff, 0xd8, 0xff],
  'jpeg-ls': [0xff, 0xd8, 0xff],
  'jpeg-2000': [0xff, 0x4f, 0xff, 0x51],
};

/** Whether bytes begin like a codestream: none of these can come up within one. */
export function beginsCodestream(codec: CoreCodec | 'jpeg-2000', head: Uint8Array): boolean {
  return START[codec].every((byte, n) => head[n] === byte);
}
