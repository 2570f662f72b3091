import { TandemError } from '../errors.ts';
import type { Samples } from './codecs/samples.ts';
import { frameBytes, type PixelFormat, type Rescale } from './pixels.ts';
import { isLossy } from './transferSyntax.ts';

/** Stored values: whole numbers, signed or not as the image says. */
export type StoredValues = Int32Array | Uint32Array;

/**
 * The stored values of a frame from its bytes (PS3.5, 8.1): the stored bits are taken out of the allocated
 * ones wherever they lie, and the sign is extended.
 * @param frame its `frameBytes`, as they are stored or decompressed
 */
export function storedFromBytes(frame: Uint8Array, format: PixelFormat): StoredValues {
  const { bitsAllocated, littleEndian } = format;
  const values = emptyValues(format);
  const view = new DataView(frame.buffer, frame.byteOffset, frameBytes(format));
  const { up, down } = shifts(format.highBit, format.bitsStored);
  for (let n = 0; n < values.length; n++) {
    const raw =
      bitsAllocated === 16
        ? view.getUint16(2 * n, littleEndian)
        : bitsAllocated === 8
          ? view.getUint8(n)
          : view.getUint32(4 * n, littleEndian);
    values[n] = format.signed ? (raw << up) >> down : (raw << up) >>> down;
  }
  return values;
}

/**
 * The stored values of a frame from the samples that a codec gave. The codestream may hold the stored bits
 * alone or the whole allocated word; JPEG and JPEG-LS know no sign, so there the image's word is taken for
 * it. Samples of lossy codecs can overshoot the stored bits, and are clipped to them.
 *
 * @throws TandemError `bad-header` where the samples cannot be the image's stored values
 */
export function storedFromSamples(samples: Samples, format: PixelFormat): StoredValues {
  const { precision } = samples;
  const { bitsAllocated, bitsStored, signed } = format;
  if (precision > bitsAllocated) {
    throw new TandemError(
      'bad-header',
      `The compressed pixels have ${precision} bits, and the header allocates ${bitsAllocated}`,
    );
  }
  const values = emptyValues(format);
  const source = samples.signed === signed ? samples.values : resigned(samples, format);
  if (precision <= bitsStored) {
    values.set(source);
    return values;
  }
  // More bits than are stored: the whole word, overlays and all, or what a lossy codec overshot.
  const highBit = precision > format.highBit ? format.highBit : bitsStored - 1;
  if (isLossy(format.transferSyntaxUid, undefined) && highBit === bitsStored - 1) {
    const lowest = signed ? -(2 ** (bitsStored - 1)) : 0;
    const highest = 2 ** (signed ? bitsStored - 1 : bitsStored) - 1;
    for (let n = 0; n < values.length; n++) values[n] = Math.min(highest, Math.max(lowest, source[n]!));
    return values;
  }
  const { up, down } = shifts(highBit, bitsStored);
  for (let n = 0; n < values.length; n++) {
    values[n] = signed ? (source[n]! << up) >> down : (source[n]! << up) >>> down;
  }
  return values;
}

/**
 * Real-world values, row-major: stored value · slope + intercept, and 0 where the image is padded. MONOCHROME1
 * changes how values are shown and not what they are (PS3.3, C.7.6.3.1.2): they stay as they are.
 */
export function realValues(
  stored: StoredValues,
  { slope, intercept }: Rescale,
  { padding }: PixelFormat,
): Float32Array {
  const out = new Float32Array(stored.length);
  for (let n = 0; n < stored.length; n++) out[n] = stored[n]! * slope + intercept;
  if (padding === undefined) return out;
  for (let n = 0; n < stored.length; n++) {
    if (stored[n]! >= padding.lowest && stored[n]! <= padding.highest) out[n] = 0;
  }
  return out;
}

function emptyValues({ rows, columns, signed }: PixelFormat): StoredValues {
  return signed ? new Int32Array(rows * columns) : new Uint32Array(rows * columns);
}

/** Moves the stored bits to the top of 32 and back down: that drops other bits and extends the sign. */
function shifts(highBit: number, bitsStored: number): { up: number; down: number } {
  return { up: 31 - highBit, down: 32 - bitsStored };
}

/** The same bits with the image's sign where the codestream has another, or none. */
function resigned({ values, precision, signed }: Samples, format: PixelFormat): Int32Array {
  const top = 32 - precision;
  const out = values.map((value) => (signed ? (value << top) >>> top : (value << top) >> top));
  // Fewer bits than are stored: is 255 in 8 of 12 bits 255 or -1? Encoders differ.
  if (!signed && precision < format.bitsStored && out.some((value) => value < 0)) {
    throw new TandemError(
      'bad-header',
      `The compressed pixels have ${precision} bits without a sign, and the header ${format.bitsStored} with one`,
      { hint: 'Export the series uncompressed.' },
    );
  }
  return out;
}
