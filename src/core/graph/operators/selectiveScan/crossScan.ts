import type { Graph } from '../../graph.ts';
import type { Tensor } from '../../tensor.ts';
import { reshape } from '../shapes.ts';
import { gatherSum, type RowTable } from './gatherSum.ts';

/** Directions of a 2-D selective scan: by rows, by columns, and both from the end. */
export const SCAN_DIRECTIONS = 4;

/** A map and how it is scanned: [B, h, w, …], whole or in four quadrants with a state each. */
export interface ScannedMap {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  /** Whether it is cut at ⌊h/2⌋ and ⌊w/2⌋ into quadrants that are scanned one by one. */
  readonly quadrants: boolean;
}

/**
 * Where each sequence passes: positions (row · w + column) in the order of direction k, for each region;
 * [region][direction][token]. By rows token t is at (⌊t / w⌋, t mod w); by columns at (t mod h, ⌊t / h⌋);
 * the other two are these reversed (VMamba's order, on which trained weights depend).
 */
export function scanOrders({ rows, columns, quadrants }: ScannedMap): number[][][] {
  const [middle, centre] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  const spans = (cut: number, end: number): readonly (readonly [number, number])[] =>
    quadrants && cut > 0
      ? [
          [0, cut],
          [cut, end],
        ]
      : [[0, end]];
  return spans(middle, rows).flatMap(([top, bottom]) =>
    spans(centre, columns).map(([left, right]) => {
      const byRows: number[] = [];
      for (let i = top; i < bottom; i++) for (let j = left; j < right; j++) byRows.push(i * columns + j);
      const byColumns: number[] = [];
      for (let j = left; j < right; j++) for (let i = top; i < bottom; i++) byColumns.push(i * columns + j);
      return [byRows, byColumns, byRows.toReversed(), byColumns.toReversed()];
    }),
  );
}

/** The sequences of a map: L tokens of the longest, and how many of them stand beside each other. */
export interface CrossScan {
  readonly tokens: number;
  /** Sequences in a direction: images × regions. */
  readonly sequences: number;
  /** Of a map with one value for all directions [B·h·w, C] to sequences [L · sequences · K, C]. */
  readonly spread: RowTable;
  /** The same of one with a value for each direction, [B·h·w·K, C]. */
  readonly order: RowTable;
  /** Back: sequences to the sum over the directions, [B·h·w, C]. */
  readonly merge: RowTable;
}

const known = new WeakMap<Graph, Map<string, CrossScan>>();

/**
 * The tables of a map's four sequences (`CrossScan` and `CrossMerge` of VMamba), made once for a graph.
 * Shorter regions are filled up with zeros at the end of their sequences, where they change nothing.
 */
export function crossScan(graph: Graph, map: ScannedMap): CrossScan {
  const ofGraph = known.get(graph) ?? new Map<string, CrossScan>();
  known.set(graph, ofGraph);
  const key = `${map.batch} ${map.rows} ${map.columns} ${map.quadrants}`;
  const found = ofGraph.get(key) ?? makeTables(graph, map);
  ofGraph.set(key, found);
  return found;
}

function makeTables(graph: Graph, map: ScannedMap): CrossScan {
  const { batch, rows, columns } = map;
  const regions = scanOrders(map);
  const tokens = Math.max(...regions.map(([byRows]) => byRows!.length));
  const sequences = batch * regions.length;
  const positions = batch * rows * columns;
  const slots = tokens * sequences * SCAN_DIRECTIONS;

  /** The position of each slot (token, image, region, direction), and the slots of each position. */
  const positionOf = new Int32Array(slots).fill(-1);
  const slotsOf = new Int32Array(positions * SCAN_DIRECTIONS);
  regions.forEach((directions, region) => {
    directions.forEach((order, k) => {
      order.forEach((position, token) => {
        for (let image = 0; image < batch; image++) {
          const sequence = image * regions.length + region;
          const slot = (token * sequences + sequence) * SCAN_DIRECTIONS + k;
          const global = image * rows * columns + position;
          positionOf[slot] = global;
          slotsOf[global * SCAN_DIRECTIONS + k] = slot;
        }
      });
    });
  });
  const rowOf = positionOf.map((position, slot) =>
    position < 0 ? -1 : position * SCAN_DIRECTIONS + (slot % SCAN_DIRECTIONS),
  );
  const table = (values: Int32Array, width: number): Tensor =>
    graph.integers(values, [values.length / width, width]);
  const positionTable = table(positionOf, 1);
  const slotTable = table(slotsOf, SCAN_DIRECTIONS);
  const padded = slots > positions * SCAN_DIRECTIONS;
  return {
    tokens,
    sequences,
    spread: { rows: positionTable, inverse: slotTable, padded: { rows: padded, inverse: false } },
    order: { rows: table(rowOf, 1), inverse: table(slotsOf, 1), padded: { rows: padded, inverse: false } },
    merge: { rows: slotTable, inverse: positionTable, padded: { rows: false, inverse: padded } },
  };
}

/** A map [B, h, w, C] as four sequences [L, S, K, C], the same values in the order of each direction. */
export function toSequences(x: Tensor, { spread, tokens, sequences }: CrossScan): Tensor {
  const channels = x.shape[3]!;
  const rows = gatherSum(reshape(x, [spread.inverse.shape[0]!, channels]), spread);
  return reshape(rows, [tokens, sequences, SCAN_DIRECTIONS, channels]);
}

/** A map with values for each direction [B, h, w, K, C] as four sequences [L, S, K, C]. */
export function orderSequences(x: Tensor, { order, tokens, sequences }: CrossScan): Tensor {
  const channels = x.shape[4]!;
  const rows = gatherSum(reshape(x, [order.inverse.shape[0]!, channels]), order);
  return reshape(rows, [tokens, sequences, SCAN_DIRECTIONS, channels]);
}

/** Four sequences [L, S, K, C] brought back to the map that they passed over, and added: [B, h, w, C]. */
export function mergeSequences(
  y: Tensor,
  { merge }: CrossScan,
  { batch, rows, columns }: ScannedMap,
): Tensor {
  const channels = y.shape[3]!;
  const sum = gatherSum(reshape(y, [merge.inverse.shape[0]!, channels]), merge);
  return reshape(sum, [batch, rows, columns, channels]);
}
