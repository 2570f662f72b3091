import { writeFileSync } from 'node:fs';

/** A volume of the benchmark, in LPS. */
export interface BenchVolume {
  readonly size: readonly [number, number, number];
  readonly spacing: readonly [number, number, number];
  /** Centre of the first voxel. */
  readonly origin: readonly [number, number, number];
}

/** About the scanner's centre. */
export function benchVolume(size: BenchVolume['size'], spacing: BenchVolume['spacing']): BenchVolume {
  const origin = size.map((count, axis) => (-spacing[axis]! * (count - 1)) / 2);
  return { size, spacing, origin: origin as unknown as BenchVolume['origin'] };
}

/** Writes it as NIfTI of 32-bit floats: a head of shells with texture, 0 to 1000, no whole numbers. */
export function writeNifti(path: string, { size, spacing, origin }: BenchVolume, seed: number): void {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [n, value] of [3, ...size, 1, 1, 1, 1].entries()) header.writeInt16LE(value, 40 + 2 * n);
  header.writeInt16LE(16, 70);
  header.writeInt16LE(32, 72);
  for (const [n, value] of [1, ...spacing].entries()) header.writeFloatLE(value, 76 + 4 * n);
  header.writeFloatLE(352, 108);
  header.writeFloatLE(1, 112);
  header[123] = 2;
  header.writeInt16LE(1, 254);
  // LPS to RAS: the first two axes turn round.
  for (const row of [0, 1, 2] as const) {
    const sign = row === 2 ? 1 : -1;
    header.writeFloatLE(sign * spacing[row], 280 + 16 * row + 4 * row);
    header.writeFloatLE(sign * origin[row], 280 + 16 * row + 12);
  }
  header.write('n+1\0', 344, 'latin1');
  const [nx, ny, nz] = size;
  const voxels = new Float32Array(nx * ny * nz);
  let at = 0;
  for (let k = 0; k < nz; k++) {
    const z = (2 * k) / nz - 1;
    for (let j = 0; j < ny; j++) {
      const y = (2 * j) / ny - 1;
      for (let i = 0; i < nx; i++) {
        const x = (2 * i) / nx - 1;
        const r2 = x * x + y * y + z * z;
        voxels[at++] = r2 > 0.8 ? 0.25 : 500 + 300 * Math.sin(20 * r2 + seed) + 0.01 * (i % 7);
      }
    }
  }
  writeFileSync(path, Buffer.concat([header, Buffer.from(voxels.buffer)]));
}
