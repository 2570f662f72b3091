/**
 * The inverse discrete cosine transform of one 8 × 8 block in integers: the method of Loeffler, Ligtenberg
 * and Moschytz with the precision that the Independent JPEG Group's decoder has by default ("islow"), so
 * that lossy images come out to the bit as from the toolkits that are built on it.
 */

const BITS = 13;
/** The constants below times 2^13. */
const F_0_298 = 2446;
const F_0_390 = 3196;
const F_0_541 = 4433;
const F_0_765 = 6270;
const F_0_899 = 7373;
const F_1_175 = 9633;
const F_1_501 = 12_299;
const F_1_847 = 15_137;
const F_1_961 = 16_069;
const F_2_053 = 16_819;
const F_2_562 = 20_995;
const F_3_072 = 25_172;

/**
 * @param block 64 dequantised coefficients in natural order; becomes the samples, from 0
 * @param precision 8 or 12
 */
export function inverseDct(block: Int32Array, precision: number): void {
  const pass = precision === 8 ? 2 : 1;
  for (let column = 0; column < 8; column++) transform(block, column, 8, BITS - pass);
  for (let row = 0; row < 8; row++) transform(block, 8 * row, 1, BITS + pass + 3);
  const middle = 1 << (precision - 1);
  const largest = 2 * middle - 1;
  for (let n = 0; n < 64; n++) {
    const value = block[n]! + middle;
    block[n] = value < 0 ? 0 : value > largest ? largest : value;
  }
}

/** Eight points from `at`, each `step` from the last, in place; scaled down by 2^`shift`, rounded. */
function transform(v: Int32Array, at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1);
  const z2 = v[at + 2 * step]!;
  const z3 = v[at + 6 * step]!;
  const even = Math.imul(z2 + z3, F_0_541);
  const even2 = even - Math.imul(z3, F_1_847);
  const even3 = even + Math.imul(z2, F_0_765);
  const sum = (v[at]! + v[at + 4 * step]!) << BITS;
  const gap = (v[at]! - v[at + 4 * step]!) << BITS;
  const t10 = sum + even3;
  const t13 = sum - even3;
  const t11 = gap + even2;
  const t12 = gap - even2;

  const o0 = v[at + 7 * step]!;
  const o1 = v[at + 5 * step]!;
  const o2 = v[at + 3 * step]!;
  const o3 = v[at + step]!;
  const all = Math.imul(o0 + o2 + o1 + o3, F_1_175);
  const y1 = -Math.imul(o0 + o3, F_0_899);
  const y2 = -Math.imul(o1 + o2, F_2_562);
  const y3 = all - Math.imul(o0 + o2, F_1_961);
  const y4 = all - Math.imul(o1 + o3, F_0_390);
  const p0 = Math.imul(o0, F_0_298) + y1 + y3;
  const p1 = Math.imul(o1, F_2_053) + y2 + y4;
  const p2 = Math.imul(o2, F_3_072) + y2 + y3;
  const p3 = Math.imul(o3, F_1_501) + y1 + y4;

  v[at] = (t10 + p3 + half) >> shift;
  v[at + 7 * step] = (t10 - p3 + half) >> shift;
  v[at + step] = (t11 + p2 + half) >> shift;
  v[at + 6 * step] = (t11 - p2 + half) >> shift;
  v[at + 2 * step] = (t12 + p1 + half) >> shift;
  v[at + 5 * step] = (t12 - p1 + half) >> shift;
  v[at + 3 * step] = (t13 + p0 + half) >> shift;
  v[at + 4 * step] = (t13 - p0 + half) >> shift;
}
