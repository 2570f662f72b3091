export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

/** What a curve's box spans: steps from 0, values from `least` at its bottom to `most` at its top. */
export interface CurveRange {
  readonly steps: number;
  readonly least: number;
  readonly most: number;
}

/** The range of points, and of a value to compare with; never empty. */
export function rangeOfPoints(points: readonly CurvePoint[], line: number | null): CurveRange {
  const values = [...points.map(({ value }) => value), ...(line === null ? [] : [line])];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = most > least ? 0 : Math.max(Math.abs(most) * 0.01, 1e-6);
  return {
    steps: Math.max(1, ...points.map(({ step }) => step)),
    least: least - room,
    most: most + room,
  };
}

/** The line through points, in a box of `width` × `height`, its greatest value at the top. */
export function linePath(
  points: readonly CurvePoint[],
  { steps, least, most }: CurveRange,
  width: number,
  height: number,
): string {
  return points
    .map(({ step, value }, n) => {
      const x = (step / steps) * width;
      const y = height * (1 - (value - least) / (most - least));
      return `${n === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
