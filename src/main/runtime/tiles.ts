import type { ImageInputs } from './session.ts';

/**
 * How an image is cut into overlapping tiles of one size. A tile's own pixels are exact where they are at
 * least `halo` pixels (half the network's receptive field) away from its cut edges; from there on
 * neighbouring tiles are blended over `blend` pixels. An edge of the image is no cut: the network sees
 * the same border as in an untiled run.
 */
export interface TilePlan {
  readonly rows: number;
  readonly columns: number;
  /** Size of every tile. */
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly halo: number;
  readonly blend: number;
  /** First row (column) of the tiles, ascending. */
  readonly rowStarts: readonly number[];
  readonly columnStarts: readonly number[];
}

export interface TileOptions {
  /** Pixels at a cut edge that are dropped: half the receptive field. */
  readonly halo: number;
  /**
   * Pixels over which neighbours are blended. 0 where nothing outside the halo has any influence: then each
   * pixel is one tile's, and the same bits as in an untiled run.
   */
  readonly blend?: number;
  /** Tiles begin at multiples of this and are multiples of it long: the scale, where an input is that much smaller. */
  readonly multiple?: number;
}

/**
 * Tiles of at most `tile × tile` pixels for an image; one tile where the image is not larger. A `tile` that
 * would leave less than 16 pixels beside the overlap is raised. `rows` and `columns` are multiples of
 * `multiple`.
 */
export function planTiles(rows: number, columns: number, tile: number, options: TileOptions): TilePlan {
  const { halo, blend = 0, multiple = 1 } = options;
  const overlap = 2 * halo + blend;
  const most = Math.max(tile, overlap + 16);
  const alongRows = cutAxis(rows, most, overlap, multiple);
  const alongColumns = cutAxis(columns, most, overlap, multiple);
  return {
    rows,
    columns,
    tileRows: alongRows.tile,
    tileColumns: alongColumns.tile,
    halo,
    blend,
    rowStarts: alongRows.starts,
    columnStarts: alongColumns.starts,
  };
}

/** As few tiles of one size as cover `length`, and these as small as possible. */
function cutAxis(
  length: number,
  most: number,
  overlap: number,
  multiple: number,
): { tile: number; starts: number[] } {
  if (most >= length) return { tile: length, starts: [0] };
  // Counted in multiples, an overlap of whole ones at the least, so that all stays on them.
  const [whole, largest, shared] = [
    length / multiple,
    Math.floor(most / multiple),
    Math.ceil(overlap / multiple),
  ];
  const count = Math.ceil((whole - shared) / (largest - shared));
  const tile = Math.ceil((whole - shared) / count) + shared;
  const starts = Array.from({ length: count }, (_, n) => Math.floor((n * (whole - tile)) / (count - 1)));
  return { tile: tile * multiple, starts: starts.map((start) => start * multiple) };
}

/**
 * Runs `run` on every tile, row by row, always in the same order, and joins the results to one image.
 * `run` is given inputs of `tileRows × tileColumns`; of an input that is 1/f of the image's size (the target
 * as acquired) the same part, 1/f as large.
 */
export async function runTiled(
  plan: TilePlan,
  inputs: ImageInputs,
  run: (tile: ImageInputs) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { rows, columns, tileRows, tileColumns } = plan;
  const joined = new Float32Array(rows * columns);
  const rowWeights = plan.rowStarts.map((_, n) => weights(plan, plan.rowStarts, n, tileRows, rows));
  const columnWeights = plan.columnStarts.map((_, n) =>
    weights(plan, plan.columnStarts, n, tileColumns, columns),
  );
  for (const [ny, top] of plan.rowStarts.entries()) {
    for (const [nx, left] of plan.columnStarts.entries()) {
      const tile: Record<string, Float32Array> = {};
      for (const [name, image] of Object.entries(inputs)) tile[name] = cut(plan, image, top, left);
      const result = await run(tile);
      const wy = rowWeights[ny]!;
      const wx = columnWeights[nx]!;
      for (let y = 0; y < tileRows; y++) {
        if (wy[y] === 0) continue;
        const to = (top + y) * columns + left;
        for (let x = 0; x < tileColumns; x++) {
          const weight = wy[y]! * wx[x]!;
          if (weight !== 0) joined[to + x] = joined[to + x]! + weight * result[y * tileColumns + x]!;
        }
      }
    }
  }
  return joined;
}

function cut(plan: TilePlan, image: Float32Array, top: number, left: number): Float32Array {
  const factor = Math.round(Math.sqrt((plan.rows * plan.columns) / image.length));
  const [rows, columns, width] = [plan.tileRows, plan.tileColumns, plan.columns].map((n) => n / factor) as [
    number,
    number,
    number,
  ];
  const tile = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const from = (top / factor + y) * width + left / factor;
    tile.set(image.subarray(from, from + columns), y * columns);
  }
  return tile;
}

/**
 * Weights of tile `n` along one axis: 0 within the halo of a cut edge, 1 inside, and between two tiles a
 * ramp down that meets the neighbour's ramp up, so that the weights of all tiles add up to 1 everywhere.
 */
function weights(
  plan: TilePlan,
  all: readonly number[],
  n: number,
  tile: number,
  length: number,
): Float64Array {
  const start = all[n]!;
  const result = new Float64Array(Math.min(tile, length)).fill(1);
  const previous = all[n - 1];
  const next = all[n + 1];
  for (let p = 0; p < result.length; p++) {
    const up = previous === undefined ? 1 : ramp(plan, previous + tile, start, start + p);
    const down = next === undefined ? 0 : ramp(plan, start + tile, next, start + p);
    result[p] = up - down;
  }
  return result;
}

/** Share of the later of two neighbouring tiles at pixel `p`: 0 to 1 about the middle of their overlap. */
function ramp(plan: TilePlan, earlierEnd: number, laterStart: number, p: number): number {
  const middle = (earlierEnd + laterStart - 1) / 2;
  return Math.min(1, Math.max(0, (p - middle) / (plan.blend + 1) + 0.5));
}
