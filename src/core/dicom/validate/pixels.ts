import { C } from '../derived/companionTags.ts';
import { type CheckedObject, numbersOf, shortsOf, stringOf } from './checkedObject.ts';
import type { Note } from './finding.ts';

/** Bytes of a value of floating point pixels. */
const FLOAT_BITS: Readonly<Record<number, number>> = { [C.FloatPixelData]: 32, [C.DoubleFloatPixelData]: 64 };

/** Whether the pixels that are described are there: rows × columns × frames × samples in their bits, no more, no fewer. */
export function checkPixels(object: CheckedObject, hasPixels: boolean | undefined, note: Note): void {
  const { dataSet, pixels } = object;
  const one = (tag: number) => shortsOf(dataSet, tag)[0];
  const [rows, columns] = [one(C.Rows), one(C.Columns)];
  if (pixels === undefined) {
    if (hasPixels === true || (hasPixels === undefined && rows !== undefined)) {
      note('error', 'pixel-bytes', [C.PixelData], 'The pixels are missing');
    }
    return;
  }
  if (hasPixels === false)
    note('error', 'pixel-bytes', [pixels.tag], 'An object of this class has no pixels');
  checkFormat(object, note);
  const bits = one(C.BitsAllocated);
  const samples = one(C.SamplesPerPixel) ?? 1;
  const frames = stringOf(dataSet, C.NumberOfFrames) === '' ? 1 : numbersOf(dataSet, C.NumberOfFrames)[0];
  for (const [tag, value, name] of [
    [C.Rows, rows, 'Rows'],
    [C.Columns, columns, 'Columns'],
    [C.NumberOfFrames, frames, 'Number of Frames'],
  ] as const) {
    if (value !== undefined && value < 1) note('error', 'pixel-format', [tag], `${name} is ${value}`);
  }
  if (pixels.encapsulated || rows === undefined || columns === undefined || bits === undefined) return;
  if (frames === undefined) return;
  // Of 4:2:2 colour, two pixels share their chroma: it takes two thirds.
  const isSubsampled = stringOf(dataSet, C.PhotometricInterpretation).endsWith('_422');
  const needed = Math.ceil((rows * columns * frames * (isSubsampled ? 2 : samples) * bits) / 8);
  const padded = needed + (needed % 2);
  if (pixels.bytes !== padded) {
    const what = `${columns} × ${rows} pixels × ${frames} frame(s) of ${bits} bits`;
    note(
      'error',
      'pixel-bytes',
      [pixels.tag],
      `${what} take ${padded} bytes; the pixel data has ${pixels.bytes}`,
    );
  }
  if (pixels.bytes > pixels.available) {
    note('error', 'pixel-bytes', [pixels.tag], 'The file ends in the middle of its pixels');
  }
}

function checkFormat({ dataSet, pixels }: CheckedObject, note: Note): void {
  const one = (tag: number) => shortsOf(dataSet, tag)[0];
  const bits = one(C.BitsAllocated);
  const floatBits = FLOAT_BITS[pixels!.tag];
  if (floatBits !== undefined) {
    if (bits !== undefined && bits !== floatBits) {
      note(
        'error',
        'pixel-format',
        [C.BitsAllocated],
        `Floating point pixels of ${floatBits} bits have ${bits} bits allocated`,
      );
    }
    return;
  }
  const [stored, high] = [one(C.BitsStored), one(C.HighBit)];
  if (bits === undefined || stored === undefined || high === undefined) return;
  if (bits !== 1 && bits % 8 !== 0)
    note('error', 'pixel-format', [C.BitsAllocated], `Bits Allocated is ${bits}`);
  if (stored < 1 || stored > bits || high !== stored - 1) {
    note(
      'error',
      'pixel-format',
      [C.HighBit],
      `Bits Stored ${stored} and High Bit ${high} do not go with ${bits} bits allocated`,
    );
  }
}
