/** Byte offsets and codes of NIfTI-1 (nifti1.h) and NIfTI-2 (nifti2.h), and how their voxels are read. */

export interface HeaderLayout {
  readonly headerBytes: 348 | 540;
  readonly dim: number;
  readonly datatype: number;
  readonly bitpix: number;
  readonly pixdim: number;
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly description: number;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quaternion: number;
  readonly sform: number;
  readonly units: number;
  readonly magic: number;
}

export const NIFTI1: HeaderLayout = {
  headerBytes: 348,
  dim: 40,
  datatype: 70,
  bitpix: 72,
  pixdim: 76,
  voxOffset: 108,
  slope: 112,
  intercept: 116,
  units: 123,
  description: 148,
  qformCode: 252,
  sformCode: 254,
  quaternion: 256,
  sform: 280,
  magic: 344,
};

export const NIFTI2: HeaderLayout = {
  headerBytes: 540,
  magic: 4,
  datatype: 12,
  bitpix: 14,
  dim: 16,
  pixdim: 104,
  voxOffset: 168,
  slope: 176,
  intercept: 184,
  description: 240,
  qformCode: 344,
  sformCode: 348,
  quaternion: 352,
  sform: 400,
  units: 500,
};

export interface DataType {
  readonly code: number;
  readonly name: string;
  readonly bytes: number;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
}

/** The real data types. 64-bit integers beyond 2⁵³ lose their last bits, as in every double. */
export const DATA_TYPES: readonly DataType[] = [
  { code: 2, name: 'uint8', bytes: 1, read: (v, at) => v.getUint8(at) },
  { code: 4, name: 'int16', bytes: 2, read: (v, at, le) => v.getInt16(at, le) },
  { code: 8, name: 'int32', bytes: 4, read: (v, at, le) => v.getInt32(at, le) },
  { code: 16, name: 'float32', bytes: 4, read: (v, at, le) => v.getFloat32(at, le) },
  { code: 64, name: 'float64', bytes: 8, read: (v, at, le) => v.getFloat64(at, le) },
  { code: 256, name: 'int8', bytes: 1, read: (v, at) => v.getInt8(at) },
  { code: 512, name: 'uint16', bytes: 2, read: (v, at, le) => v.getUint16(at, le) },
  { code: 768, name: 'uint32', bytes: 4, read: (v, at, le) => v.getUint32(at, le) },
  { code: 1024, name: 'int64', bytes: 8, read: (v, at, le) => Number(v.getBigInt64(at, le)) },
  { code: 1280, name: 'uint64', bytes: 8, read: (v, at, le) => Number(v.getBigUint64(at, le)) },
];

/** Names of the types that are not one real number a voxel, for a message in words. */
export const REFUSED_TYPES: Readonly<Record<number, string>> = {
  1: 'one bit a voxel',
  32: 'complex64',
  128: 'RGB colour',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
  2304: 'RGBA colour',
};
