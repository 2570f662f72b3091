/**
 * erf(x) in double precision: below 2.5 by its Maclaurin series, 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), above
 * by the continued fraction of erfc(x) · √π · e^(x²) = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) (Abramowitz
 * and Stegun 7.1.5 and 7.1.14). Relative error below 1e-13.
 */
export function erfReference(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let sum = 0;
    let power = x;
    for (let n = 0; n < 60; n++) {
      sum += power / (2 * n + 1);
      power *= -(x * x) / (n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = size;
  for (let k = 120; k >= 1; k--) fraction = size + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (fraction * Math.sqrt(Math.PI)));
}
