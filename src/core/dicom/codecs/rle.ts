import { corrupt, endsEarly } from './samples.ts';

const CODEC = 'RLE';
const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;
/** Two bytes stand for 128 at the most. */
const LARGEST_EXPANSION = 64;

/**
 * Decompresses a frame by PS3.5, annex G: one segment for each byte of a pixel, the most significant first.
 *
 * @param pixels of the frame; one sample each
 * @param bytesPerPixel Bits Allocated / 8
 * @returns the pixels as they are stored in little endian
 * @throws TandemError `bad-header`, `truncated`
 */
export function decodeRle(frame: Uint8Array, pixels: number, bytesPerPixel: number): Uint8Array {
  if (frame.length < HEADER_BYTES) throw endsEarly(CODEC);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const segments = view.getUint32(0, true);
  if (segments > MAX_SEGMENTS || segments !== bytesPerPixel) {
    throw corrupt(CODEC, `${segments} segments for ${bytesPerPixel} bytes a pixel`);
  }
  const starts = Array.from({ length: segments }, (_, n) => view.getUint32(4 + 4 * n, true));
  for (const [n, start] of starts.entries()) {
    if (start < (starts[n - 1] ?? HEADER_BYTES)) throw corrupt(CODEC, 'its segments are out of order');
    if (start > frame.length) throw endsEarly(CODEC);
  }
  if (frame.length * LARGEST_EXPANSION < pixels * bytesPerPixel) throw endsEarly(CODEC);
  const out = new Uint8Array(pixels * bytesPerPixel);
  for (const [n, start] of starts.entries()) {
    const segment = frame.subarray(start, starts[n + 1] ?? frame.length);
    unpack(segment, out, bytesPerPixel - 1 - n, bytesPerPixel);
  }
  return out;
}

/** PackBits (PS3.5, G.3.2) into every `step`th byte of `out`, until it is full. */
function unpack(segment: Uint8Array, out: Uint8Array, first: number, step: number): void {
  let at = 0;
  let to = first;
  while (to < out.length) {
    if (at >= segment.length) throw endsEarly(CODEC);
    const control = segment[at++]!;
    // Written by some encoders as filling; it stands for nothing.
    if (control === 128) continue;
    const repeats = control > 128;
    const count = repeats ? 257 - control : control + 1;
    if (at + (repeats ? 1 : count) > segment.length) throw endsEarly(CODEC);
    if (to + (count - 1) * step >= out.length) throw corrupt(CODEC, 'a segment has too many bytes');
    for (let n = 0; n < count; n++, to += step) out[to] = segment[repeats ? at : at + n]!;
    at += repeats ? 1 : count;
  }
}
