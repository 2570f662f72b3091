import { closeSync, openSync, readSync } from 'node:fs';
import * as z from 'zod';
import { TandemError } from '../../../core/errors.ts';
import { writeSafetensors } from '../../../core/graph/safetensors.ts';
import type { PreparedCase } from './manifest.ts';
import type { FullSlice, TrainingCase } from './trainingCase.ts';

/**
 * The slices of a prepared case: a safetensors file of float16 with `target` [slices, rows, columns] and, where
 * there is one, `reference` of the same shape. Half precision keeps three digits of the intensities, which is
 * finer than any scanner's noise (an error of −70 dB or less), and halves what is read and stored.
 */
export function encodeCase(slices: readonly FullSlice[], rows: number, columns: number): Uint8Array {
  const shape = [slices.length, rows, columns];
  const joined = (images: readonly Float32Array[]) => {
    const data = new Float32Array(slices.length * rows * columns);
    images.forEach((image, n) => {
      data.set(image, n * rows * columns);
    });
    return { shape, data };
  };
  const references = slices.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
  const tensors = new Map([
    ['target', joined(slices.map(({ truth }) => truth))],
    ...(references.length > 0 ? [['reference', joined(references)] as const] : []),
  ]);
  return writeSafetensors(tensors, new Map([['format', 'tandem-slices-1']]), { type: 'F16' });
}

const entry = z.object({
  dtype: z.literal('F16'),
  shape: z.tuple([z.int(), z.int(), z.int()]),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.object({ target: entry, reference: entry.optional() });
const LONGEST_HEADER = 4096;

/**
 * A prepared case whose slices are read when they are asked for. Throws `bad-training-data` where the file is
 * not what the manifest says.
 */
export function openCase(path: string, described: PreparedCase, withReference: boolean): TrainingCase {
  const bad = (message: string, cause?: unknown) =>
    new TandemError('bad-training-data', message, {
      path,
      hint: 'Prepare the data anew with: tandem data prepare.',
      cause,
    });
  const { rows, columns, places } = described;
  const read = (count: number, from: number): Buffer => {
    const bytes = Buffer.alloc(count);
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (cause) {
      throw bad('The slices cannot be read', cause);
    }
    try {
      if (readSync(file, bytes, 0, count, from) !== count) throw bad('The file ends too early');
    } finally {
      closeSync(file);
    }
    return bytes;
  };
  const headerBytes = Number(read(8, 0).readBigUInt64LE(0));
  if (headerBytes > LONGEST_HEADER) throw bad('The file does not begin with a header of its kind');
  const header = parseHeader(read(headerBytes, 8).toString('utf8'));
  if (header === undefined) throw bad('The header of the file is malformed');
  const pixels = rows * columns;
  const imageAt = (name: 'target' | 'reference') => {
    const { shape, data_offsets } = header[name] ?? {};
    const fits = shape?.join() === [places.length, rows, columns].join();
    if (!fits || data_offsets === undefined)
      throw bad(`The file has no ${name} of the size that the manifest says`);
    const start = 8 + headerBytes + data_offsets[0];
    return (n: number) => {
      const bytes = read(2 * pixels, start + 2 * pixels * n);
      return new Float32Array(new Float16Array(bytes.buffer, bytes.byteOffset, pixels));
    };
  };
  const target = imageAt('target');
  const reference = withReference ? imageAt('reference') : undefined;
  return {
    name: described.name,
    patient: described.patient,
    files: described.sources,
    sha256: described.sha256,
    rows,
    columns,
    spacingMm: described.spacingMm,
    sliceThicknessMm: described.sliceThicknessMm,
    places,
    registration: described.registration,
    slice: (n) => ({ truth: target(n), reference: reference?.(n) }),
  };
}

function parseHeader(text: string): z.infer<typeof headerSchema> | undefined {
  try {
    return headerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
