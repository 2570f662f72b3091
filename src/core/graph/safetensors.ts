import * as z from 'zod';
import { TandemError } from '../errors.ts';
import { bfloat16, float16 } from './halfPrecision.ts';
import { headerFault } from './safetensorsHeader.ts';
import { elementCount, type Shape } from './shape.ts';

/**
 * The safetensors format (github.com/huggingface/safetensors, "Format"): eight bytes with the length of
 * a JSON header, the header, then the values, row by row, little endian, without gaps. A file is data from
 * outside: everything is checked against its length before anything is allocated.
 */

export interface NamedTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface TensorFile {
  /** In the order of their names. F64, F16 and BF16 are converted to float32. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  /** The type that each tensor has in the file, such as F16. */
  readonly types: ReadonlyMap<string, string>;
}

/** What a file written here holds: float32, or IEEE 754 binary16 in half the bytes. */
export type StoredType = 'F32' | 'F16';

/** Some 40,000 tensors: as an object, a header takes many times its bytes. */
const LONGEST_HEADER = 4 * 2 ** 20;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()).max(16),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** Bytes of one element, and how it is read. */
const READERS: Readonly<
  Record<string, { readonly bytes: number; readonly read: (view: DataView, offset: number) => number }>
> = {
  F32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  F16: { bytes: 2, read: (view, offset) => float16(view.getUint16(offset, true)) },
  BF16: { bytes: 2, read: (view, offset) => bfloat16(view.getUint16(offset, true)) },
};

/**
 * Reads a safetensors file. Throws `bad-tensor-file` where anything does not hold: the header's length, its
 * JSON, a name that is there twice, a type other than F32, F64, F16 and BF16, a shape that does not fill its
 * bytes, bytes outside the file, shared by two tensors or belonging to none.
 *
 * @param wanted whether a tensor is read, by its name; the others may be of any type, and keep to their own bytes
 */
export function readSafetensors(
  bytes: Uint8Array,
  path?: string,
  wanted: (name: string) => boolean = () => true,
): TensorFile {
  const refuse = (message: string): TandemError =>
    new TandemError('bad-tensor-file', message, {
      path,
      hint: 'Get the file again from where it came from.',
    });
  if (bytes.byteLength < 8) throw refuse('The file is too short to be a safetensors file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > LONGEST_HEADER || headerLength > bytes.byteLength - 8) {
    throw refuse(`The header says that it is ${headerLength} bytes long, the file has ${bytes.byteLength}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), refuse);
  const dataStart = 8 + headerLength;
  const dataLength = bytes.byteLength - dataStart;

  const metadata = new Map<string, string>();
  const entries: { name: string; shape: Shape; dtype: string; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of metadataOf(value, refuse)) metadata.set(key, text);
      continue;
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw refuse(`The header's entry of ${printable(name)} is malformed`);
    const { shape, dtype, data_offsets } = parsed.data;
    entries.push({ name, shape, dtype, begin: data_offsets[0], end: data_offsets[1] });
  }

  let covered = 0;
  for (const entry of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const name = printable(entry.name);
    const size = Object.hasOwn(READERS, entry.dtype) ? READERS[entry.dtype]?.bytes : undefined;
    if (size === undefined && wanted(entry.name))
      throw refuse(`${name} has the type ${printable(entry.dtype)}, which is not read here`);
    if (entry.begin !== covered || entry.end < entry.begin || entry.end > dataLength) {
      throw refuse(
        `The bytes ${entry.begin} to ${entry.end} of ${name} leave a gap, overlap or lie outside the file`,
      );
    }
    const count = elementCount(entry.shape);
    const fits = size === undefined || count * size === entry.end - entry.begin;
    if (!Number.isSafeInteger(count) || !fits) {
      throw refuse(
        `The shape [${entry.shape}] of ${name} does not fill its ${entry.end - entry.begin} bytes`,
      );
    }
    covered = entry.end;
  }
  if (covered !== dataLength) throw refuse(`${dataLength - covered} bytes of the file belong to no tensor`);

  const tensors = new Map<string, NamedTensor>();
  const types = new Map<string, string>();
  for (const { name, shape, dtype, begin } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!wanted(name)) continue;
    const start = dataStart + begin;
    const data = new Float32Array(elementCount(shape));
    if (dtype === 'F32') new Uint8Array(data.buffer).set(bytes.subarray(start, start + data.byteLength));
    else {
      const reader = READERS[dtype]!;
      for (let n = 0; n < data.length; n++) data[n] = reader.read(view, start + n * reader.bytes);
    }
    tensors.set(name, { shape, data });
    types.set(name, dtype);
  }
  return { tensors, metadata, types };
}

/**
 * Writes float32 tensors. The same content gives the same bytes: names are sorted.
 *
 * @param options.type F16 rounds each value to the nearest half-precision number, ties to even, subnormals kept
 * @param options.path the file that errors are about
 * @throws `bad-tensor-file` for values that do not fill their shape, a name of the format's own, and, as F16, a
 *   finite value that would become infinite (65,520 and above)
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
  { type = 'F32', path }: { readonly type?: StoredType; readonly path?: string } = {},
): Uint8Array {
  const refuse = (message: string, hint?: string): TandemError =>
    new TandemError('bad-tensor-file', message, { path, hint });
  const names = [...tensors.keys()].sort();
  // Without a prototype, a tensor may have any name.
  const header: Record<string, unknown> = Object.create(null);
  if (metadata.size > 0) header.__metadata__ = Object.fromEntries([...metadata].sort());
  let length = 0;
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    if (name === '__metadata__') throw refuse(`No tensor can be called ${name}`);
    if (data.length !== elementCount(shape)) {
      throw refuse(`${name} has ${data.length} values for the shape [${shape}]`);
    }
    const end = length + data.length * READERS[type]!.bytes;
    header[name] = { dtype: type, shape, data_offsets: [length, end] };
    length = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The values start at a multiple of 8 bytes: the header is padded with spaces.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + length).fill(0x20, 8, 8 + headerLength);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  let offset = 8 + headerLength;
  for (const name of names) {
    const { data } = tensors.get(name)!;
    const stored = type === 'F16' ? new Float16Array(data) : data;
    const lost = stored.findIndex((value, at) => !Number.isFinite(value) && Number.isFinite(data[at]));
    if (lost >= 0) {
      const message = `${printable(name)} holds ${data[lost]}, too large for half precision (at most 65,504)`;
      throw refuse(message, 'Write these weights in float32.');
    }
    bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), offset);
    offset += stored.byteLength;
  }
  return bytes;
}

function parseHeader(bytes: Uint8Array, refuse: (message: string) => TandemError): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw refuse('The header does not begin with {');
  let value: unknown;
  let fault: string | undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    fault = headerFault(text);
    value = fault === undefined ? JSON.parse(text) : {};
  } catch {
    throw refuse('The header is not JSON');
  }
  if (fault !== undefined) throw refuse(`The header ${printable(fault)}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('The header is no object');
  return value as Record<string, unknown>;
}

function metadataOf(value: unknown, refuse: (message: string) => TandemError): [string, string][] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  if (
    Array.isArray(value) ||
    !entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')
  )
    throw refuse('The metadata of the header are not all text');
  return entries;
}

/** A name from a file, short and without control characters, for a message. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 60);
}
