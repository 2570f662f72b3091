/** NIfTI files made byte by byte from nifti1.h and nifti2.h, apart from the project's own reader and writer. */

export interface HeaderFields {
  version: 1 | 2;
  littleEndian: boolean;
  dim: number[];
  datatype: number;
  bitpix: number;
  pixdim: number[];
  voxOffset: number;
  slope: number;
  intercept: number;
  units: number;
  description: string;
  qformCode: number;
  sformCode: number;
  /** b, c, d, x, y, z. */
  quaternion: number[];
  /** Three rows of four. */
  sform: number[];
  magic: string;
}

export const PLAIN: HeaderFields = {
  version: 1,
  littleEndian: true,
  dim: [3, 2, 3, 4, 1, 1, 1, 1],
  datatype: 16,
  bitpix: 32,
  pixdim: [1, 1, 1, 1, 0, 0, 0, 0],
  voxOffset: 352,
  slope: 0,
  intercept: 0,
  units: 2,
  description: '',
  qformCode: 0,
  sformCode: 1,
  quaternion: [0, 0, 0, 0, 0, 0],
  sform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
  magic: 'n+1\0',
};

type Put = (view: DataView, at: number, value: number, le: boolean) => void;

/** Data types by code: bytes a value and how one is put. */
export const TYPES: Readonly<Record<number, { name: string; bytes: number; put: Put }>> = {
  2: { name: 'uint8', bytes: 1, put: (v, at, x) => v.setUint8(at, x) },
  4: { name: 'int16', bytes: 2, put: (v, at, x, le) => v.setInt16(at, x, le) },
  8: { name: 'int32', bytes: 4, put: (v, at, x, le) => v.setInt32(at, x, le) },
  16: { name: 'float32', bytes: 4, put: (v, at, x, le) => v.setFloat32(at, x, le) },
  64: { name: 'float64', bytes: 8, put: (v, at, x, le) => v.setFloat64(at, x, le) },
  256: { name: 'int8', bytes: 1, put: (v, at, x) => v.setInt8(at, x) },
  512: { name: 'uint16', bytes: 2, put: (v, at, x, le) => v.setUint16(at, x, le) },
  768: { name: 'uint32', bytes: 4, put: (v, at, x, le) => v.setUint32(at, x, le) },
  1024: { name: 'int64', bytes: 8, put: (v, at, x, le) => v.setBigInt64(at, BigInt(x), le) },
  1280: { name: 'uint64', bytes: 8, put: (v, at, x, le) => v.setBigUint64(at, BigInt(x), le) },
};

/** A whole file: header, `gap` bytes of 0xff between it and the voxels (an extension, say), voxels. */
export function makeNifti(changes: Partial<HeaderFields>, values: readonly number[] = []): Uint8Array {
  const defaults = changes.version === 2 ? { ...PLAIN, voxOffset: 544, magic: 'n+2\0' } : PLAIN;
  const h = { ...defaults, ...changes };
  const type = TYPES[h.datatype] ?? { bytes: 1, put: () => {} };
  const start =
    Number.isFinite(h.voxOffset) && h.voxOffset > 0 && h.voxOffset < 1e6 ? Math.floor(h.voxOffset) : 352;
  const bytes = new Uint8Array(Math.max(start, h.version === 1 ? 352 : 544) + values.length * type.bytes);
  const view = new DataView(bytes.buffer);
  const le = h.littleEndian;
  const short = (at: number, x: number) => view.setInt16(at, x, le);
  const int = (at: number, x: number) => view.setInt32(at, x, le);
  const long = (at: number, x: number) => view.setBigInt64(at, BigInt(x), le);
  const float = (at: number, x: number) => view.setFloat32(at, x, le);
  const double = (at: number, x: number) => view.setFloat64(at, x, le);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  bytes.fill(0xff, h.version === 1 ? 352 : 544, start);
  if (h.version === 1) {
    int(0, 348);
    h.dim.forEach((x, n) => {
      short(40 + 2 * n, x);
    });
    short(70, h.datatype);
    short(72, h.bitpix);
    h.pixdim.forEach((x, n) => {
      float(76 + 4 * n, x);
    });
    float(108, h.voxOffset);
    float(112, h.slope);
    float(116, h.intercept);
    bytes[123] = h.units;
    text(148, h.description);
    short(252, h.qformCode);
    short(254, h.sformCode);
    h.quaternion.forEach((x, n) => {
      float(256 + 4 * n, x);
    });
    h.sform.forEach((x, n) => {
      float(280 + 4 * n, x);
    });
    text(344, h.magic);
  } else {
    int(0, 540);
    text(4, h.magic);
    short(12, h.datatype);
    short(14, h.bitpix);
    h.dim.forEach((x, n) => {
      long(16 + 8 * n, x);
    });
    h.pixdim.forEach((x, n) => {
      double(104 + 8 * n, x);
    });
    long(168, h.voxOffset);
    double(176, h.slope);
    double(184, h.intercept);
    text(240, h.description);
    int(344, h.qformCode);
    int(348, h.sformCode);
    h.quaternion.forEach((x, n) => {
      double(352 + 8 * n, x);
    });
    h.sform.forEach((x, n) => {
      double(400 + 8 * n, x);
    });
    int(500, h.units);
  }
  values.forEach((x, n) => {
    type.put(view, start + n * type.bytes, x, le);
  });
  return bytes;
}
