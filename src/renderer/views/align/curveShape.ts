/** The lines of a curve that may have holes, in a box of `width` × `height`; values 0 to `top` from the bottom up. */
export function curvePath(
  values: readonly (number | null)[],
  width: number,
  height: number,
  top: number,
): string {
  let path = '';
  let drawing = false;
  values.forEach((value, n) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const [x, y] = [pointX(n, values.length, width), height * (1 - Math.min(1, value / top))];
    path += `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    drawing = true;
  });
  return path;
}

/** Where value n of so many is, from the left: each has a strip of its own. */
export function pointX(n: number, count: number, width: number): number {
  return ((n + 0.5) / count) * width;
}

/** The value under a place, from the left. */
export function indexAt(x: number, count: number, width: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)));
}

/** The end of the scale: a round tenth above the greatest value, so that curves of one pair can be compared. */
export function scaleTop(values: readonly (number | null)[]): number {
  const most = Math.max(0, ...values.filter((value) => value !== null));
  return Math.min(1, Math.max(0.2, Math.ceil(10 * most + 0.2) / 10));
}
