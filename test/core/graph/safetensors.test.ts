import { describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../../src/core/graph/safetensors.ts';

const tensors = new Map<string, NamedTensor>([
  ['b.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 6) }],
  ['a', { shape: [], data: Float32Array.of(7) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
]);

/** A file with a header of our own making in front of some bytes of values. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function refusal(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes, 'weights.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(TandemError);
    expect((error as TandemError).code).toBe('bad-tensor-file');
    expect((error as TandemError).path).toBe('weights.safetensors');
    return (error as TandemError).message;
  }
  throw new Error('It was read');
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe('safetensors', () => {
  it('gives back what was written, whatever the order it was written in', () => {
    const bytes = writeSafetensors(tensors, new Map([['format', 'x']]));
    const { tensors: read, metadata } = readSafetensors(bytes);
    expect([...read.keys()]).toEqual(['a', 'b.weight', 'empty']);
    for (const [name, { shape, data }] of tensors) expect(read.get(name)).toEqual({ shape, data });
    expect(metadata.get('format')).toBe('x');
    const reversed = new Map([...tensors].reverse());
    expect(writeSafetensors(reversed, new Map([['format', 'x']]))).toEqual(bytes);
  });

  it('starts the values at a multiple of 8 bytes', () => {
    const bytes = writeSafetensors(tensors);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it('converts the other floating-point types', () => {
    const bytes = file(
      { h: entry([3], [0, 6], 'F16'), d: entry([1], [6, 14], 'F64'), b: entry([1], [14, 16], 'BF16') },
      16,
    );
    const view = new DataView(bytes.buffer, bytes.length - 16);
    view.setUint16(0, 0x3c00, true); // 1
    view.setUint16(2, 0xc100, true); // −2.5
    view.setUint16(4, 0x0001, true); // 2⁻²⁴
    view.setFloat64(6, 0.25, true);
    view.setUint16(14, 0x4049, true); // 3.140625
    const { tensors: read } = readSafetensors(bytes);
    expect([...read.get('h')!.data]).toEqual([1, -2.5, 2 ** -24]);
    expect([...read.get('d')!.data]).toEqual([0.25]);
    expect([...read.get('b')!.data]).toEqual([3.140625]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /too short/],
    ['a header longer than the file', new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0, 0x7b]), /header says/],
    ['a header of 2⁶⁴ − 1 bytes', new Uint8Array(16).fill(255), /header says/],
    ['no object', file('[1]'), /does not begin/],
    ['no JSON', file('{"a":'), /not JSON/],
    ['bytes that are no UTF-8', file({}).fill(0xff, 9), /not JSON/],
    ['metadata that are not text', file({ __metadata__: { a: 1 } }), /metadata/],
    ['a tensor that is there twice', file('{"a":1,"b":2,"\\u0061":1}'), /"a" twice/],
    ['a field that is there twice', file('{"a":{"dtype":"F32","dtype":"F64"}}'), /"dtype" twice/],
    ['what is deeper than the format', file('{"a":{"shape":[[1]]}}'), /more than 3 deep/],
    ['metadata that are a list', file({ __metadata__: ['a'] }), /metadata/],
    ['an entry that is a number', file({ a: 1 }), /malformed/],
    ['a negative size', file({ a: entry([-1], [0, 4]) }, 4), /malformed/],
    ['a fractional size', file({ a: entry([0.5], [0, 4]) }, 4), /malformed/],
    [
      'a field that is not in the format',
      file({ a: { ...entry([1], [0, 4]), file: '/etc/passwd' } }, 4),
      /malformed/,
    ],
    ['an unknown type', file({ a: entry([1], [0, 4], 'F7') }, 4), /type F7/],
    ['an inherited name as a type', file({ a: entry([1], [0, 4], 'constructor') }, 4), /type constructor/],
    [
      'a shape that is too large for its bytes',
      file({ a: entry([2 ** 30, 2 ** 30], [0, 4]) }, 4),
      /does not fill/,
    ],
    ['offsets outside the file', file({ a: entry([2], [0, 8]) }, 4), /outside the file/],
    ['offsets that run backwards', file({ a: entry([1], [4, 0]) }, 4), /overlap/],
    ['a gap', file({ a: entry([1], [4, 8]) }, 8), /gap/],
    ['two tensors on the same bytes', file({ a: entry([1], [0, 4]), b: entry([1], [0, 4]) }, 4), /overlap/],
    ['bytes that belong to nothing', file({ a: entry([1], [0, 4]) }, 8), /belong to no tensor/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(refusal(bytes)).toMatch(message);
  });

  it('reads only what is wanted, beside which there may be tensors of any type', () => {
    const mixed = (end: number) =>
      file({ a: entry([2], [0, 8]), b: entry([3], [8, end], 'I32'), c: entry([1], [end, end + 4]) }, end + 4);
    const { tensors: read } = readSafetensors(mixed(20), undefined, (name) => name !== 'b');
    expect([...read.keys()]).toEqual(['a', 'c']);
    expect(refusal(mixed(20))).toMatch(/b has the type I32/);
    const overlapping = file({ a: entry([2], [0, 8]), b: entry([3], [4, 16], 'I32') }, 16);
    expect(() => readSafetensors(overlapping, undefined, (name) => name !== 'b')).toThrow(/overlap/);
  });

  it('gives back tensors of any name, and refuses to write one with the name of the metadata', () => {
    const one = { shape: [1], data: Float32Array.of(1) };
    const names = ['__proto__', 'constructor', '', 'a"b\\', 'ü\u0000'];
    const { tensors: read } = readSafetensors(writeSafetensors(new Map(names.map((name) => [name, one]))));
    expect([...read.keys()].sort()).toEqual([...names].sort());
    expect(() => writeSafetensors(new Map([['__metadata__', one]]))).toThrow(/can be called/);
  });

  it('reads tensors that begin at any byte of a larger buffer', () => {
    const bytes = writeSafetensors(tensors);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readSafetensors(shifted.subarray(3))).toEqual(readSafetensors(bytes));
  });

  it('does not write values that do not fill their shape', () => {
    expect(() => writeSafetensors(new Map([['a', { shape: [2], data: new Float32Array(3) }]]))).toThrow(
      /3 values/,
    );
  });
});
