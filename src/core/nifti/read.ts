import { TandemError } from '../errors.ts';
import type { Affine } from '../volume/affine.ts';
import { gridFromAffine } from '../volume/grid.ts';
import type { Vec3 } from '../volume/vec.ts';
import type { Volume } from '../volume/volume.ts';
import { affineOfQuaternion, flipRasLps } from './affine.ts';
import { DATA_TYPES, type DataType, type HeaderLayout, NIFTI1, NIFTI2, REFUSED_TYPES } from './format.ts';

export interface NiftiImage {
  readonly volume: Volume;
  /** `int16`, `float32` … as stored. */
  readonly dataType: string;
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  /** The header's free text. */
  readonly description: string;
  /** Where the geometry came from; `pixdim`: the file has none, only voxel sizes. */
  readonly geometry: 'sform' | 'qform' | 'pixdim';
  readonly warnings: readonly NiftiWarning[];
}

export interface NiftiWarning {
  readonly code: 'missing-geometry' | 'geometry-doubtful' | 'not-finite-voxels' | 'first-volume-only';
  readonly message: string;
}

/** What a header says, checked, before any voxel is read. */
export interface NiftiHeader {
  readonly layout: HeaderLayout;
  readonly littleEndian: boolean;
  /** Columns, rows, slices. */
  readonly size: Vec3;
  /** Volumes in the file: the product of the dimensions after the third. */
  readonly volumes: number;
  readonly type: DataType;
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  /** Index (i, j, k) to LPS, mm. */
  readonly affineLps: Affine;
  readonly geometry: NiftiImage['geometry'];
  /** What is wrong with the geometry that the file prefers, where another one is taken, in words. */
  readonly geometryDoubt: string | undefined;
  readonly description: string;
}

/** Larger than any scanner's matrix, far below what overflows. */
const LARGEST_SIDE = 32767;

/**
 * A single-file NIfTI-1 or NIfTI-2 image (already gunzipped): either byte order, every real data type,
 * `scl_slope` applied, geometry from sform, else qform, else voxel sizes alone (with a warning). Of a
 * file with several volumes the first is read, with a warning. Nothing is allocated beyond the voxels that
 * the file does hold.
 *
 * @throws TandemError `not-an-image` (no NIfTI), `bad-header`, `truncated`, `unsupported-format`.
 */
export function parseNifti(bytes: Uint8Array, path?: string): NiftiImage {
  const header = parseNiftiHeader(bytes, path);
  const count = header.size[0] * header.size[1] * header.size[2];
  const needed = header.voxOffset + count * header.type.bytes;
  if (needed > bytes.byteLength) {
    throw new TandemError(
      'truncated',
      `The file ends before its voxels do: ${bytes.byteLength} of ${needed} bytes`,
      { path, hint: 'Copy or export it again.' },
    );
  }
  const voxels = new Float32Array(count);
  const notFinite = readVoxels(bytes, header, voxels);
  const warnings: NiftiWarning[] = [];
  if (header.geometry === 'pixdim') {
    warnings.push({
      code: 'missing-geometry',
      message:
        'The file has voxel sizes but no position or orientation in the patient (sform and qform are absent)',
    });
  }
  if (header.geometryDoubt !== undefined) {
    warnings.push({ code: 'geometry-doubtful', message: header.geometryDoubt });
  }
  if (header.volumes > 1) {
    warnings.push({
      code: 'first-volume-only',
      message: `The file holds ${header.volumes} volumes; only the first is used`,
    });
  }
  if (notFinite > 0) {
    warnings.push({
      code: 'not-finite-voxels',
      message: `${notFinite} voxels are not finite numbers and were set to 0`,
    });
  }
  return {
    volume: { grid: gridFromAffine(header.size, header.affineLps), voxels },
    dataType: header.type.name,
    version: header.layout === NIFTI1 ? 1 : 2,
    littleEndian: header.littleEndian,
    description: header.description,
    geometry: header.geometry,
    warnings,
  };
}

/**
 * The header alone; `bytes` need hold no more than it (348 or 540 bytes). Errors as `parseNifti`, less
 * `truncated` for missing voxels.
 */
export function parseNiftiHeader(bytes: Uint8Array, path?: string): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { layout, littleEndian } = detect(view, path);
  const bad = (message: string): TandemError =>
    new TandemError('bad-header', message, { path, hint: 'Export the image again from its source.' });
  const reader = fieldReader(view, layout, littleEndian);

  const dimensions = reader.dim(0);
  if (!(dimensions >= 1 && dimensions <= 7)) throw bad(`The header names ${dimensions} dimensions`);
  const dim = Array.from({ length: 7 }, (_, n) => (n < dimensions ? reader.dim(n + 1) : 1));
  for (const [n, length] of dim.entries()) {
    if (!Number.isInteger(length) || length < 1 || length > LARGEST_SIDE) {
      throw bad(`Dimension ${n + 1} of the header is ${length}`);
    }
  }
  if (dimensions < 2) throw bad('The header describes a line, not an image');
  const size: Vec3 = [dim[0]!, dim[1]!, dim[2]!];

  const type = typeOf(reader.int16(layout.datatype), path);
  const bits = reader.int16(layout.bitpix);
  if (bits !== 0 && bits !== type.bytes * 8) {
    throw bad(`The header says ${bits} bits a voxel, but ${type.name} has ${type.bytes * 8}`);
  }
  // Some writers leave the offset of a single file out.
  const declared = reader.voxOffset();
  const voxOffset = declared === 0 ? layout.headerBytes + 4 : declared;
  if (!Number.isInteger(voxOffset) || voxOffset < layout.headerBytes) {
    throw bad(
      Number.isFinite(voxOffset)
        ? `The voxels cannot start at byte ${voxOffset}`
        : 'Where the voxels start (vox_offset) is not a number',
    );
  }
  const slope = reader.real(layout.slope);
  const intercept = reader.real(layout.intercept);
  const scaled = slope !== 0 && Number.isFinite(slope);
  if (scaled && !Number.isFinite(intercept)) throw bad('The intensity intercept is not a number');
  const { affine, source, doubt } = geometryOf(reader, layout, bad);
  return {
    layout,
    littleEndian,
    size,
    volumes: dim[3]! * dim[4]! * dim[5]! * dim[6]!,
    type,
    voxOffset,
    slope: scaled ? slope : 1,
    intercept: scaled ? intercept : 0,
    affineLps: flipRasLps(affine),
    geometry: source,
    geometryDoubt: doubt,
    description: reader.text(layout.description, 80),
  };
}

interface FieldReader {
  readonly int16: (at: number) => number;
  readonly int32: (at: number) => number;
  /** float32 of version 1, float64 of version 2. */
  readonly real: (at: number, index?: number) => number;
  readonly dim: (index: number) => number;
  readonly voxOffset: () => number;
  readonly code: (at: number) => number;
  readonly byte: (at: number) => number;
  readonly text: (at: number, length: number) => string;
}

function fieldReader(view: DataView, layout: HeaderLayout, le: boolean): FieldReader {
  const one = layout === NIFTI1;
  const int64 = (at: number): number => Number(view.getBigInt64(at, le));
  return {
    int16: (at) => view.getInt16(at, le),
    int32: (at) => view.getInt32(at, le),
    real: (at, index = 0) =>
      one ? view.getFloat32(at + 4 * index, le) : view.getFloat64(at + 8 * index, le),
    dim: (index) => (one ? view.getInt16(layout.dim + 2 * index, le) : int64(layout.dim + 8 * index)),
    voxOffset: () => (one ? view.getFloat32(layout.voxOffset, le) : int64(layout.voxOffset)),
    code: (at) => (one ? view.getInt16(at, le) : view.getInt32(at, le)),
    byte: (at) => view.getUint8(at),
    text: (at, length) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
      const end = bytes.indexOf(0);
      return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
    },
  };
}

function detect(view: DataView, path: string | undefined): { layout: HeaderLayout; littleEndian: boolean } {
  if (view.byteLength < 4)
    throw new TandemError('not-an-image', 'The file is too short for an image', { path });
  for (const littleEndian of [true, false]) {
    const declared = view.getInt32(0, littleEndian);
    const layout = declared === 348 ? NIFTI1 : declared === 540 ? NIFTI2 : undefined;
    if (layout === undefined) continue;
    if (view.byteLength < layout.headerBytes) {
      throw new TandemError('truncated', `The file ends within its header (${view.byteLength} bytes)`, {
        path,
      });
    }
    const magic = String.fromCharCode(...[0, 1, 2, 3].map((n) => view.getUint8(layout.magic + n)));
    const number = layout === NIFTI1 ? '1' : '2';
    if (magic === `n+${number}\0`) return { layout, littleEndian };
    if (magic === `ni${number}\0`) {
      throw new TandemError('unsupported-format', 'The voxels are in a second file (.hdr and .img pair)', {
        path,
        hint: 'Convert the pair to a single .nii file.',
      });
    }
    throw new TandemError('unsupported-format', 'The file is an ANALYZE header or a damaged NIfTI one', {
      path,
      hint: 'ANALYZE files hold no orientation; convert it to NIfTI.',
    });
  }
  throw new TandemError('not-an-image', 'The file is no NIfTI image', { path });
}

function typeOf(code: number, path: string | undefined): DataType {
  const type = DATA_TYPES.find((candidate) => candidate.code === code);
  if (type !== undefined) return type;
  const name = REFUSED_TYPES[code];
  if (name === undefined)
    throw new TandemError('bad-header', `The header's data type ${code} does not exist`, { path });
  throw new TandemError('unsupported-format', `Voxels of type ${name} are not read`, {
    path,
    hint: 'Only images with one real number a voxel can be used.',
  });
}

/** Factor to millimetres of the header's spatial unit; unknown units are taken as millimetres. */
function unitMm(code: number): number {
  const unit = code & 7;
  return unit === 1 ? 1000 : unit === 3 ? 0.001 : 1;
}

function geometryOf(
  reader: FieldReader,
  layout: HeaderLayout,
  bad: (message: string) => TandemError,
): { affine: Affine; source: NiftiImage['geometry']; doubt?: string } {
  const mm = unitMm(layout === NIFTI1 ? reader.byte(layout.units) : reader.int32(layout.units));
  const pixdim = (n: number): number => Math.abs(reader.real(layout.pixdim, n)) * mm;
  const spacing = [pixdim(1), pixdim(2), pixdim(3)] as const;

  let doubt: string | undefined;
  if (reader.code(layout.sformCode) > 0) {
    const row = (r: number): Affine[number] => {
      const value = (c: number): number => reader.real(layout.sform, 4 * r + c) * mm;
      return [value(0), value(1), value(2), value(3)];
    };
    const affine: Affine = [row(0), row(1), row(2)];
    if (usable(affine)) return { affine, source: 'sform' };
    if (reader.code(layout.qformCode) <= 0) {
      throw bad('The orientation matrix (sform) is singular or not a number');
    }
    doubt =
      'The orientation matrix (sform) is singular, out of reach or not a number: the quaternion (qform) is taken. Check where the image lies against another series';
  }
  const sized = spacing.map((s) => (s === 0 ? 1 : s)) as [number, number, number];
  if (reader.code(layout.qformCode) > 0) {
    const q = (n: number): number => reader.real(layout.quaternion, n);
    const qfac = reader.real(layout.pixdim, 0) < 0 ? -1 : 1;
    const offset = [q(3) * mm, q(4) * mm, q(5) * mm] as const;
    const affine = affineOfQuaternion({ b: q(0), c: q(1), d: q(2), qfac }, sized, offset);
    if (!usable(affine)) throw bad('The orientation (qform) is singular or not a number');
    return { affine, source: 'qform', ...(doubt !== undefined && { doubt }) };
  }
  const affine: Affine = [
    [sized[0], 0, 0, 0],
    [0, sized[1], 0, 0],
    [0, 0, sized[2], 0],
  ];
  if (!usable(affine)) throw bad('The voxel sizes are not numbers');
  return { affine, source: 'pixdim' };
}

/** Finite, and its axes neither vanish nor fall into one plane. */
function usable(a: Affine): boolean {
  if (!a.flat().every((x) => Number.isFinite(x) && Math.abs(x) < 1e7)) return false;
  const length = (c: 0 | 1 | 2): number => Math.hypot(a[0][c], a[1][c], a[2][c]);
  const product = length(0) * length(1) * length(2);
  const determinant =
    a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
    a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
    a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  const smallest = Math.min(length(0), length(1), length(2));
  return smallest > 1e-6 && Math.abs(determinant) > 0.01 * product;
}

/** Fills `voxels` with the first volume, scaled; returns how many were not finite (they become 0). */
function readVoxels(bytes: Uint8Array, header: NiftiHeader, voxels: Float32Array): number {
  const { type, slope, intercept, littleEndian, voxOffset } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset + voxOffset, voxels.length * type.bytes);
  const { read, bytes: size } = type;
  let notFinite = 0;
  for (let n = 0; n < voxels.length; n++) {
    const value = Math.fround(read(view, n * size, littleEndian) * slope + intercept);
    if (Number.isFinite(value)) voxels[n] = value;
    else notFinite++;
  }
  return notFinite;
}
