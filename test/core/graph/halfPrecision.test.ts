import { describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { readSafetensors, writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { createRandom } from '../../../src/core/random.ts';

const scratch = new DataView(new ArrayBuffer(4));

function floatOf(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/**
 * The binary16 bits of a float32, by its bits: the part of the significand that is cut off is compared with half a
 * unit (IEEE 754-2019, 4.3.1, roundTiesToEven). Independent of Float16Array.
 */
function halfBits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent < -25) return sign;
  // Below 2⁻¹⁴ a half has no leading one of its own: the whole significand is shifted further.
  const subnormal = exponent < -14;
  const significand = subnormal ? fraction | 0x800000 : fraction;
  const cut = subnormal ? 13 + (-14 - exponent) : 13;
  const kept = significand >>> cut;
  const lost = significand & ((1 << cut) - 1);
  const half = 1 << (cut - 1);
  const up = lost > half || (lost === half && (kept & 1) === 1) ? 1 : 0;
  // A carry out of the significand raises the exponent, as it should.
  return sign | ((subnormal ? 0 : (exponent + 15) << 10) + kept + up);
}

function storedHalves(values: Float32Array): Uint16Array {
  const bytes = writeSafetensors(new Map([['w', { shape: [values.length], data: values }]]), new Map(), {
    type: 'F16',
  });
  const view = new DataView(bytes.buffer, bytes.byteLength - 2 * values.length);
  return Uint16Array.from(values, (_, n) => view.getUint16(2 * n, true));
}

describe('weights in half precision', () => {
  it('give back all 65,536 halves: each number as it was, each that is none as none', () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, n) => n);
    // Numbers by the definition of the format, not by our reader.
    const values = Float32Array.from(bits, (half) => {
      const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
      const sign = half & 0x8000 ? -1 : 1;
      if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
      return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
    });
    const bytes = writeSafetensors(new Map([['w', { shape: [256, 256], data: values }]]), new Map(), {
      type: 'F16',
    });
    const { tensors, types } = readSafetensors(bytes);
    expect(types.get('w')).toBe('F16');
    expect(tensors.get('w')!.shape).toEqual([256, 256]);
    // Object.is tells −0 from 0 and takes any NaN for NaN.
    const read = tensors.get('w')!.data;
    expect(values.findIndex((value, n) => !Object.is(value, read[n]))).toBe(-1);
    const stored = storedHalves(values);
    const numbers = bits.filter((_, n) => !Number.isNaN(values[n]));
    expect(numbers.length).toBe(65_536 - 2 * 1023);
    expect(numbers.findIndex((half) => stored[half] !== half)).toBe(-1);
  });

  it('are rounded to the nearest, ties to even, over the whole range and at every halfway point', () => {
    const random = createRandom(5);
    const drawn = Array.from({ length: 20_000 }, () =>
      // Any float32 that rounds to a finite half: the largest is just below 65,520, 0x477ff000.
      floatOf((Math.floor(random.uniform() * 0x477ff000) | (random.uniform() < 0.5 ? 0x80000000 : 0)) >>> 0),
    );
    const halfway = Array.from({ length: 0x7bff }, (_, n) => {
      const [low, high] = [n, n + 1].map((half) => new Float16Array(Uint16Array.of(half).buffer)[0]!) as [
        number,
        number,
      ];
      return (low + high) / 2;
    });
    const nextTo = halfway.flatMap((value) => {
      scratch.setFloat32(0, value);
      const bits = scratch.getUint32(0);
      return [floatOf(bits - 1), floatOf(bits + 1)];
    });
    const values = Float32Array.from([...drawn, ...halfway, ...nextTo, 2 ** -25, -(2 ** -26), 65_519.996]);
    const stored = storedHalves(values);
    expect(values.findIndex((value, n) => stored[n] !== halfBits(value))).toBe(-1);
    const odd = storedHalves(Float32Array.from(halfway)).findIndex((half) => half % 2 === 1);
    expect(odd).toBe(-1);
  });

  it('keep what only subnormals hold', () => {
    expect([...storedHalves(Float32Array.of(2 ** -24, 2 ** -15, 3 * 2 ** -24, -(2 ** -24)))]).toEqual([
      0x0001, 0x0200, 0x0003, 0x8001,
    ]);
  });

  it.each([65_520, -65_520, 1e5, -3.4e38])('are refused where %d would become infinite', (value) => {
    const data = Float32Array.of(1, value);
    const write = () =>
      writeSafetensors(new Map([['tail.bias', { shape: [2], data }]]), new Map(), {
        type: 'F16',
        path: '/models/a/weights.safetensors',
      });
    expect(write).toThrow(TandemError);
    expect(write).toThrow(
      expect.objectContaining({
        code: 'bad-tensor-file',
        path: '/models/a/weights.safetensors',
        message: expect.stringMatching(/tail\.bias holds .* too large for half precision/),
        hint: expect.stringMatching(/float32/),
      }),
    );
    expect(() => writeSafetensors(new Map([['tail.bias', { shape: [2], data }]]))).not.toThrow();
  });

  it('stand in a file without gaps, in half the bytes, whatever the number of values', () => {
    const tensors = new Map(
      [1, 3, 2].map((count, n) => [`t${n}`, { shape: [count], data: new Float32Array(count).fill(n + 0.5) }]),
    );
    const bytes = writeSafetensors(tensors, new Map([['format', 'x']]), { type: 'F16' });
    const start = Number(new DataView(bytes.buffer).getBigUint64(0, true)) + 8;
    expect(start % 8).toBe(0);
    expect(bytes.length - start).toBe(12);
    const read = readSafetensors(bytes);
    for (const [name, tensor] of tensors) expect(read.tensors.get(name)).toEqual(tensor);
    expect(read.metadata.get('format')).toBe('x');
    expect([...readSafetensors(writeSafetensors(tensors)).types.values()]).toEqual(['F32', 'F32', 'F32']);
  });
});
