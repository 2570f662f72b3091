/**
 * First-order distance, mm, from a point to the surface of an axis-parallel ellipsoid; negative inside.
 * Exact on the surface, close near it: f·(f − 1)/|∇f| for f = |p / semi-axes|.
 */
export function ellipsoidDistance(x: number, y: number, z: number, a: number, b: number, c: number): number {
  const f = Math.sqrt((x * x) / (a * a) + (y * y) / (b * b) + (z * z) / (c * c));
  if (f < 1e-6) return -Math.min(a, b, c);
  const gx = x / (a * a);
  const gy = y / (b * b);
  const gz = z / (c * c);
  return (f * (f - 1)) / Math.sqrt(gx * gx + gy * gy + gz * gz);
}

export function insideEllipsoid(x: number, y: number, z: number, a: number, b: number, c: number): boolean {
  return (x * x) / (a * a) + (y * y) / (b * b) + (z * z) / (c * c) < 1;
}
