/** Where a patch lies in an image, and how it is turned. */
export interface PatchPlace {
  /** Corner, in pixels of the full image. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** One of the eight orientations of a square: bits 1 and 2 mirror rows and columns, bit 4 turns. */
  readonly orientation: number;
}

/** Where in the source the first pixel of an oriented patch lies, and which way its pixels go. */
interface Walk {
  readonly start: number;
  readonly perRow: readonly [rows: number, columns: number];
  readonly perColumn: readonly [rows: number, columns: number];
  readonly startColumn: number;
}

/**
 * Copies an oriented patch of an image 1/factor the size of the full one, times a gain; what lies outside is 0.
 *
 * @param grid samples of smaller images lie on the first of every `grid` pixels: a mirrored patch begins so much
 *   further on that its own first pixel is such a one
 */
export function copyPatch(
  image: Float32Array,
  into: Float32Array,
  offset: number,
  side: number,
  place: PatchPlace,
  { gain = 1, factor = 1, grid = 1 }: { gain?: number; factor?: number; grid?: number } = {},
): void {
  const [rows, columns] = [place.rows / factor, place.columns / factor];
  const { start, startColumn, perRow, perColumn } = walkOf(place, side, factor, grid);
  for (let i = 0; i < side; i++) {
    let row = start + i * perRow[0];
    let column = startColumn + i * perRow[1];
    for (let j = 0; j < side; j++, row += perColumn[0], column += perColumn[1]) {
      const inside = row >= 0 && row < rows && column >= 0 && column < columns;
      into[offset + i * side + j] = inside ? gain * image[row * columns + column]! : 0;
    }
  }
}

/** A rigid motion in the plane about the patch's centre: the patch is taken from where the motion leads. */
export interface InPlaneMotion {
  readonly shiftMm: readonly [down: number, right: number];
  readonly rotationRad: number;
  /** Of the image's pixels, along a row and along a column. */
  readonly spacingMm: readonly [number, number];
}

/** As `copyPatch` of a full image that lies elsewhere: cubic (Catmull–Rom) samples, 0 outside. */
export function copyMovedPatch(
  image: Float32Array,
  into: Float32Array,
  offset: number,
  side: number,
  place: PatchPlace,
  motion: InPlaneMotion,
  grid = 1,
): void {
  const { start, startColumn, perRow, perColumn } = walkOf(place, side, 1, grid);
  const { shiftMm, rotationRad, spacingMm } = motion;
  const [cos, sin] = [Math.cos(rotationRad), Math.sin(rotationRad)];
  const [width, height] = spacingMm;
  const half = (side - 1) / 2;
  const centreRow = start + half * (perRow[0] + perColumn[0]);
  const centreColumn = startColumn + half * (perRow[1] + perColumn[1]);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const dr = start + i * perRow[0] + j * perColumn[0] - centreRow;
      const dc = startColumn + i * perRow[1] + j * perColumn[1] - centreColumn;
      const row = centreRow + cos * dr - (sin * dc * width - shiftMm[0]) / height;
      const column = centreColumn + cos * dc + (sin * dr * height + shiftMm[1]) / width;
      into[offset + i * side + j] = cubicSample(image, place.rows, place.columns, row, column);
    }
  }
}

function walkOf({ row, column, orientation }: PatchPlace, side: number, factor: number, grid: number): Walk {
  const turned = (orientation & 4) !== 0;
  const mirroredRows = (orientation & 1) !== 0;
  const mirroredColumns = (orientation & 2) !== 0;
  const first = (corner: number, mirrored: boolean) =>
    mirrored ? (corner - grid) / factor + side : corner / factor;
  const a = mirroredRows ? -1 : 1;
  const b = mirroredColumns ? -1 : 1;
  return turned
    ? {
        start: first(row, mirroredColumns),
        startColumn: first(column, mirroredRows),
        perRow: [0, a],
        perColumn: [b, 0],
      }
    : {
        start: first(row, mirroredRows),
        startColumn: first(column, mirroredColumns),
        perRow: [a, 0],
        perColumn: [0, b],
      };
}

function cubicSample(
  image: Float32Array,
  rows: number,
  columns: number,
  row: number,
  column: number,
): number {
  const r0 = Math.floor(row);
  const c0 = Math.floor(column);
  if (r0 < -2 || c0 < -2 || r0 > rows || c0 > columns) return 0;
  let sum = 0;
  for (let n = -1; n <= 2; n++) {
    const r = r0 + n;
    if (r < 0 || r >= rows) continue;
    const weight = catmullRom(row - r);
    if (weight === 0) continue;
    for (let m = -1; m <= 2; m++) {
      const c = c0 + m;
      if (c >= 0 && c < columns) sum += weight * catmullRom(column - c) * image[r * columns + c]!;
    }
  }
  return sum;
}

/** Keys' cubic convolution kernel with a = −½. */
function catmullRom(distance: number): number {
  const x = Math.abs(distance);
  if (x >= 2) return 0;
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}
