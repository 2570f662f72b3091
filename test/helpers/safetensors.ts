import { readFileSync } from 'node:fs';

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Every tensor of a safetensors file of float64 or float32 values, as doubles: for reference vectors only. */
export function readFixtures(path: string): Map<string, FixtureTensor> {
  const bytes = readFileSync(path);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, FixtureTensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = data_offsets.map((offset) => 8 + headerBytes + offset) as [number, number];
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
    const size = dtype === 'F64' ? 8 : 4;
    const data = Float64Array.from({ length: (end - start) / size }, (_, n) =>
      size === 8 ? view.getFloat64(8 * n, true) : view.getFloat32(4 * n, true),
    );
    tensors.set(name, { shape, data });
  }
  return tensors;
}
