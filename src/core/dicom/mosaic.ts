import { TandemError } from '../errors.ts';
import { addScaled, cross, dot, type Vec3 } from '../volume/vec.ts';
import type { DataSet } from './dataSet.ts';
import { type InstanceGeometry, orientationDoubt, readGeometry } from './imageGeometry.ts';
import type { PixelFormat } from './pixels.ts';
import { sequenceItems } from './sequences.ts';
import { TAG } from './tags.ts';
import { siemensMosaic, uihGrid } from './vendorPrivate.ts';

/** One image of several that a scanner tiled into one: its corner in the stored frame, and where it lies. */
export interface Tile {
  /** Of its first pixel, in the stored frame. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly geometry: InstanceGeometry | string;
}

export interface Mosaic {
  readonly tiles: readonly Tile[];
  /** Said of the series, where the header left something open. */
  readonly doubt: string | undefined;
}

const MAX_TILES = 4096;

/**
 * The tiles of a Siemens mosaic or a United Imaging grid, in the order in which they lie in the image, row
 * by row; undefined where the image is none.
 *
 * Siemens writes into Image Position where the corner of the *whole* mosaic would lie if it were one image
 * about the slice's centre; a tile's own corner lies half the difference of their sizes further along both
 * axes. Tile n lies n steps along the slice normal; whether that runs along or against row × column is said
 * in the scanner's private header alone (SliceNormalVector).
 *
 * @throws TandemError `bad-header` where the number of tiles does not fit the image, `unsupported-format`
 *   where it is not said
 */
export function readMosaic(
  dataSet: DataSet,
  imageType: readonly string[],
  format: PixelFormat,
): Mosaic | undefined {
  if (imageType.includes('MOSAIC') || isSiemensGrid(dataSet, imageType)) return siemensTiles(dataSet, format);
  const grid = uihGrid(dataSet);
  return grid === undefined ? undefined : uihTiles(dataSet, grid, format);
}

/** Newer Siemens software writes VFRAME instead of MOSAIC. */
function isSiemensGrid(dataSet: DataSet, imageType: readonly string[]): boolean {
  return imageType.includes('VFRAME') && siemensMosaic(dataSet) !== undefined;
}

function siemensTiles(dataSet: DataSet, format: PixelFormat): Mosaic {
  const facts = siemensMosaic(dataSet);
  if (facts === undefined) {
    throw new TandemError(
      'unsupported-format',
      'Many slices are tiled into one image (a mosaic), and how many is not said: the scanner’s private elements are missing',
      { hint: 'Export the series with its private elements, or as one image a slice.' },
    );
  }
  const across = Math.ceil(Math.sqrt(facts.tiles));
  const places = tilePlaces(facts.tiles, [across, across], format);
  const corner = readGeometry(dataSet);
  const stepMm = positive(onlyOne(dataSet.decimals(TAG.SpacingBetweenSlices)));
  const thicknessMm = positive(onlyOne(dataSet.decimals(TAG.SliceThickness)));
  const usedStepMm = stepMm ?? thicknessMm;
  if (typeof corner === 'string' || usedStepMm === undefined) {
    const problem = typeof corner === 'string' ? corner : 'no distance between the slices of the mosaic';
    return { tiles: places.map((place) => ({ ...place, geometry: problem })), doubt: undefined };
  }
  const { iAxisLps, jAxisLps, spacingMm } = corner;
  const rowByColumn = cross(iAxisLps, jAxisLps);
  const along = facts.normalLps === undefined ? 1 : dot(facts.normalLps as unknown as Vec3, rowByColumn);
  const first = addScaled(
    addScaled(corner.positionLps, iAxisLps, ((format.columns - places[0]!.columns) / 2) * spacingMm[0]),
    jAxisLps,
    ((format.rows - places[0]!.rows) / 2) * spacingMm[1],
  );
  const tiles = places.map((place, n) => ({
    ...place,
    geometry: {
      ...corner,
      positionLps: addScaled(first, rowByColumn, Math.sign(along) * n * usedStepMm),
    },
  }));
  const doubts = [
    ...(facts.normalLps === undefined
      ? ['which way its slices follow each other (row × column is taken)']
      : []),
    ...(stepMm === undefined ? [`how far apart they are (their thickness, ${usedStepMm} mm, is taken)`] : []),
  ];
  const unsaid = doubts.length === 0 ? undefined : `The mosaic does not say ${doubts.join(', nor ')}`;
  return { tiles, doubt: unsaid ?? orientationDoubt(dataSet) };
}

/** Every tile's own position stands in a sequence beside the pixels. */
function uihTiles(
  dataSet: DataSet,
  grid: { readonly tiles: number; readonly frames: number },
  format: PixelFormat,
): Mosaic {
  // No more rows of tiles than there are tiles for: 27 of them are 6 in a row, in 5 rows.
  const across = Math.ceil(Math.sqrt(grid.tiles));
  const places = tilePlaces(grid.tiles, [across, Math.ceil(grid.tiles / across)], format);
  const whole = readGeometry(dataSet);
  const positions: (Vec3 | undefined)[] = [];
  for (const item of sequenceItems(dataSet, grid.frames)) {
    const position = item.decimals(TAG.ImagePositionPatient);
    positions.push(position?.length === 3 ? (position as unknown as Vec3) : undefined);
    if (positions.length > places.length) break;
  }
  const tiles = places.map((place, n) => {
    const position = positions[n];
    if (typeof whole === 'string') return { ...place, geometry: whole };
    if (position === undefined) return { ...place, geometry: 'no position for each tile of the grid' };
    return { ...place, geometry: { ...whole, positionLps: position } };
  });
  return { tiles, doubt: orientationDoubt(dataSet) };
}

/** Tiles in a grid of so many across and down, filled row by row. */
function tilePlaces(
  tiles: number,
  [across, down]: readonly [number, number],
  format: PixelFormat,
): Omit<Tile, 'geometry'>[] {
  const rows = format.rows / down;
  const columns = format.columns / across;
  if (tiles > MAX_TILES || !Number.isInteger(rows) || !Number.isInteger(columns)) {
    throw new TandemError(
      'bad-header',
      `A mosaic of ${tiles} slices does not fit an image of ${format.columns} × ${format.rows} pixels`,
      { hint: 'Export the series as one image a slice.' },
    );
  }
  return Array.from({ length: tiles }, (_, n) => ({
    row: Math.floor(n / across) * rows,
    column: (n % across) * columns,
    rows,
    columns,
  }));
}

/** Of an attribute that has one value: several are none. */
function onlyOne(values: readonly number[] | undefined): number | undefined {
  return values?.length === 1 ? values[0] : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
