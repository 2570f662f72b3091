/** Lengths that a scale bar may have, mm. */
const LENGTHS_MM = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200] as const;
/** From here on in centimetres. */
const CENTIMETRES_FROM_MM = 10;

export interface ScaleBar {
  readonly lengthMm: number;
  readonly pixels: number;
  readonly value: number;
  readonly unit: 'mm' | 'cm';
}

/** The longest round length that takes at most `mostPx` pixels; undefined where even the shortest does not. */
export function scaleBar(mmPerPixel: number, mostPx: number): ScaleBar | undefined {
  const lengthMm = LENGTHS_MM.findLast((mm) => mm / mmPerPixel <= mostPx);
  if (lengthMm === undefined) return undefined;
  const inCm = lengthMm >= CENTIMETRES_FROM_MM;
  return {
    lengthMm,
    pixels: lengthMm / mmPerPixel,
    value: inCm ? lengthMm / 10 : lengthMm,
    unit: inCm ? 'cm' : 'mm',
  };
}
