import { TandemError } from '../errors.ts';
import { type Grid, gridAffine } from '../volume/grid.ts';
import { dot } from '../volume/vec.ts';
import type { Volume } from '../volume/volume.ts';
import { flipRasLps, quaternionOfGrid } from './affine.ts';
import { NIFTI1 as AT } from './format.ts';

export type WrittenDataType = 'int16' | 'float32';

/** Voxel = stored value · slope + intercept. */
export interface Scaling {
  readonly slope: number;
  readonly intercept: number;
}

const UNSCALED: Scaling = { slope: 1, intercept: 0 };

/**
 * The first of some scalings under which every voxel is a 16-bit integer and comes back as the very same
 * 32-bit float; undefined where none is. The header keeps both numbers as 32-bit floats, so what a reader
 * that computes in doubles makes of them differs by less than the float's own rounding.
 */
export function exactScaling(voxels: Float32Array, scalings: readonly Scaling[]): Scaling | undefined {
  return scalings.find(({ slope, intercept }) =>
    voxels.every((value) => {
      const stored = Math.round((value - intercept) / slope);
      return isInt16(stored) && Math.fround(stored * slope + intercept) === value;
    }),
  );
}

/** nifti1.h: NIFTI_XFORM_SCANNER_ANAT, and NIFTI_UNITS_MM | NIFTI_UNITS_SEC. */
const SCANNER_COORDINATES = 1;
const MILLIMETRES_AND_SECONDS = 2 | 8;
/** The header and the four bytes that say that no extension follows. */
const VOXELS_AT = 352;
const CODES = { int16: 4, float32: 16 } as const;

/**
 * A single-file, little-endian NIfTI-1 image: sform and qform both from the grid, millimetres. `int16`
 * where every value is a 16-bit integer already, else `float32`, unless `dataType` says which; a forced
 * `int16` rounds and clips to 16 bits. With `scaling`, values are stored as 16-bit integers and the header
 * says how they become the voxels again (scl_slope, scl_inter); the caller has seen to it that they do
 * (`exactScaling`). A qform holds no skew: of a skewed grid only the sform is written.
 *
 * @throws TandemError `too-large` where a side does not fit the format.
 */
export function encodeNifti(
  volume: Volume,
  options: {
    readonly description?: string | undefined;
    readonly dataType?: WrittenDataType | undefined;
    readonly scaling?: Scaling | undefined;
  } = {},
): Uint8Array {
  const { grid, voxels } = volume;
  if (Math.max(...grid.size) > 32767) {
    throw new TandemError('too-large', `An image of ${grid.size.join(' × ')} does not fit into NIfTI-1`);
  }
  const { slope, intercept } = options.scaling ?? UNSCALED;
  const dataType =
    options.scaling !== undefined
      ? 'int16'
      : (options.dataType ?? (voxels.every(isInt16) ? 'int16' : 'float32'));
  const bytesPerVoxel = dataType === 'int16' ? 2 : 4;
  const bytes = new Uint8Array(VOXELS_AT + voxels.length * bytesPerVoxel);
  const view = new DataView(bytes.buffer);
  writeHeader(view, volume, dataType, bytesPerVoxel);
  view.setFloat32(AT.slope, slope, true);
  view.setFloat32(AT.intercept, intercept, true);
  bytes.set(new TextEncoder().encode(options.description ?? '').subarray(0, 79), AT.description);

  if (dataType === 'int16') {
    for (let n = 0; n < voxels.length; n++) {
      view.setInt16(VOXELS_AT + 2 * n, toInt16((voxels[n]! - intercept) / slope), true);
    }
  } else {
    for (let n = 0; n < voxels.length; n++) view.setFloat32(VOXELS_AT + 4 * n, voxels[n]!, true);
  }
  return bytes;
}

function writeHeader(
  view: DataView,
  { grid }: Volume,
  dataType: WrittenDataType,
  bytesPerVoxel: number,
): void {
  const int16 = (at: number, value: number): void => view.setInt16(at, value, true);
  const real = (at: number, value: number): void => view.setFloat32(at, value, true);
  const quaternion = quaternionOfGrid(grid);

  view.setInt32(0, AT.headerBytes, true);
  [3, ...grid.size, 1, 1, 1, 1].forEach((value, n) => {
    int16(AT.dim + 2 * n, value);
  });
  int16(AT.datatype, CODES[dataType]);
  int16(AT.bitpix, 8 * bytesPerVoxel);
  [quaternion.qfac, ...grid.spacingMm].forEach((value, n) => {
    real(AT.pixdim + 4 * n, value);
  });
  real(AT.voxOffset, VOXELS_AT);
  view.setUint8(AT.units, MILLIMETRES_AND_SECONDS);

  const ras = flipRasLps(gridAffine(grid));
  int16(AT.sformCode, SCANNER_COORDINATES);
  ras.flat().forEach((value, n) => {
    real(AT.sform + 4 * n, value);
  });
  int16(AT.qformCode, isOrthogonal(grid) ? SCANNER_COORDINATES : 0);
  [quaternion.b, quaternion.c, quaternion.d, ras[0][3], ras[1][3], ras[2][3]].forEach((value, n) => {
    real(AT.quaternion + 4 * n, value);
  });
  [0x6e, 0x2b, 0x31, 0].forEach((value, n) => {
    view.setUint8(AT.magic + n, value);
  });
}

/** Cosine between axes above which a rotation no longer describes them. */
const SKEW_TOLERANCE = 1e-3;

function isOrthogonal({ axesLps: [i, j, k] }: Grid): boolean {
  return Math.max(Math.abs(dot(i, j)), Math.abs(dot(j, k)), Math.abs(dot(i, k))) < SKEW_TOLERANCE;
}

function isInt16(value: number): boolean {
  return Number.isInteger(value) && value >= -32768 && value <= 32767;
}

function toInt16(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value)));
}
