import type { ByteKind } from './byteKinds.ts';
import { pick } from './elementKinds.ts';

/** Damage to the fields of NIfTI headers and ZIP directories. */

type Field = readonly [name: string, offset: number, type: 'i16' | 'i32' | 'f32', count: number];

const NIFTI_FIELDS: readonly Field[] = [
  ['sizeof_hdr', 0, 'i32', 1],
  ['dim', 40, 'i16', 8],
  ['datatype', 70, 'i16', 1],
  ['bitpix', 72, 'i16', 1],
  ['pixdim', 76, 'f32', 8],
  ['vox_offset', 108, 'f32', 1],
  ['scl_slope', 112, 'f32', 1],
  ['scl_inter', 116, 'f32', 1],
  ['xyzt_units', 123, 'i16', 1],
  ['qform_code', 252, 'i16', 1],
  ['sform_code', 254, 'i16', 1],
  ['quatern', 256, 'f32', 6],
  ['srow', 280, 'f32', 12],
  ['magic', 344, 'i32', 1],
];
const INTEGERS = [0, 1, 2, 3, 4, 5, 7, 8, 16, 64, 255, 256, 512, 768, 1024, 2048, -1, 0x7fff, -0x8000];
const FLOATS = [
  0,
  1,
  -1,
  0.5,
  3,
  352,
  1e-30,
  1e30,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

export const NIFTI_KINDS: readonly ByteKind[] = [
  {
    name: 'fields of the header',
    spoil: (bytes, random) => {
      const out = bytes.slice();
      const view = new DataView(out.buffer);
      for (let n = 1 + random.integer(2); n > 0; n--) {
        const [, offset, type, count] = pick(NIFTI_FIELDS, random)!;
        const at = random.integer(count);
        if (type === 'f32') view.setFloat32(offset + 4 * at, pick(FLOATS, random)!, true);
        else if (type === 'i32') view.setInt32(offset + 4 * at, pick(INTEGERS, random)!, true);
        else view.setInt16(offset + 2 * at, pick(INTEGERS, random)!, true);
      }
      return out;
    },
  },
  {
    name: 'the other byte order',
    spoil: (bytes) => {
      const out = bytes.slice();
      out.set([0, 0, 1, 0x5c]);
      return out;
    },
  },
];

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Version needed … comment length of a directory's entry (APPNOTE, 4.3.12): offset and width. */
const ZIP_FIELDS: readonly (readonly [number, 2 | 4])[] = [
  [6, 2],
  [8, 2],
  [10, 2],
  [16, 4],
  [20, 4],
  [24, 4],
  [28, 2],
  [30, 2],
  [32, 2],
  [34, 2],
  [38, 4],
  [42, 4],
];
const END_FIELDS: readonly (readonly [number, 2 | 4])[] = [
  [4, 2],
  [8, 2],
  [10, 2],
  [12, 4],
  [16, 4],
  [20, 2],
];
const ZIP_VALUES = [0, 1, 2, 8, 9, 12, 99, 100, 0x7fff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff];
/** Beginnings of names and what fills them up; a name with a dot first is a hidden file, which is passed over. */
const NAMES: readonly (readonly [string, string])[] = [
  ['../', 'a'],
  ['..', '/'],
  ['.', '/'],
  ['/', 'a'],
  ['\\', 'a'],
  ['C:', 'a'],
  ['', '\\'],
  ['\0', 'a'],
  ['*', 'a'],
  ['IM0', '/'],
];

export const ZIP_KINDS: readonly ByteKind[] = [
  {
    name: 'fields of the directory',
    spoil: (bytes, random) => {
      const out = bytes.slice();
      const view = new DataView(out.buffer);
      for (let n = 1 + random.integer(2); n > 0; n--) {
        const signature = random.uniform() < 0.75 ? CENTRAL : END;
        const at = pick(places(view, signature), random)!;
        const [offset, width] = pick(signature === CENTRAL ? ZIP_FIELDS : END_FIELDS, random)!;
        const value = pick(ZIP_VALUES, random)!;
        if (width === 2) view.setUint16(at + offset, value & 0xffff, true);
        else view.setUint32(at + offset, value, true);
      }
      return out;
    },
  },
  {
    name: 'names of entries',
    spoil: (bytes, random) => {
      const out = bytes.slice();
      const view = new DataView(out.buffer);
      const at = pick(places(view, CENTRAL), random)!;
      const length = view.getUint16(at + 28, true);
      const [beginning, filling] = pick(NAMES, random)!;
      const name = beginning.padEnd(length, filling);
      out.set(Buffer.from(name.slice(0, length), 'latin1'), at + 46);
      return out;
    },
  },
];

function places(view: DataView, signature: number): number[] {
  const found: number[] = [];
  for (let at = 0; at + 4 <= view.byteLength; at++) {
    if (view.getUint32(at, true) === signature) found.push(at);
  }
  return found;
}
