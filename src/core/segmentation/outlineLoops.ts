/**
 * Regions of pixels as closed lines along the pixels' own edges: nothing is smoothed, so that an outline shows what
 * was marked, however far it is zoomed.
 */

/**
 * Corners of a closed line, x and y in turn: pixel (column, row) reaches from (column, row) to (column + 1, row + 1).
 * The region lies to the right of the way round; two corners that follow each other share x or y.
 */
export type OutlineLoop = readonly number[];

const RIGHT = 0;
const DOWN = 1;
const LEFT = 2;
const UP = 3;
const STEP_X = [1, 0, -1, 0] as const;
const STEP_Y = [0, 1, 0, -1] as const;

/**
 * The outlines, and the holes, of all pixels that are `marked`. Filled by either rule, they cover exactly these.
 * Pixels that touch at a corner only are outlined apart.
 * @param labels rows × columns
 */
export function outlineLoops(
  labels: ArrayLike<number>,
  columns: number,
  rows: number,
  marked: (label: number) => boolean = (label) => label !== 0,
): OutlineLoop[] {
  const width = columns + 1;
  const inside = insides(labels, columns, rows, marked);
  if (inside === undefined) return [];
  /** By corner: which edges begin there, a bit for each direction. */
  const edges = new Uint8Array(width * (rows + 1));
  const starts: number[] = [];
  const add = (corner: number, direction: number): void => {
    if (edges[corner] === 0) starts.push(corner);
    edges[corner]! |= 1 << direction;
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (inside[at] === 0) continue;
      const corner = row * width + column;
      if (row === 0 || inside[at - columns] === 0) add(corner, RIGHT);
      if (column === columns - 1 || inside[at + 1] === 0) add(corner + 1, DOWN);
      if (row === rows - 1 || inside[at + columns] === 0) add(corner + width + 1, LEFT);
      if (column === 0 || inside[at - 1] === 0) add(corner + width, UP);
    }
  }
  const loops: OutlineLoop[] = [];
  for (const start of starts) {
    while (edges[start] !== 0) loops.push(loopFrom(edges, width, start));
  }
  return loops;
}

/** 1 where a pixel is marked; undefined where none is. */
function insides(
  labels: ArrayLike<number>,
  columns: number,
  rows: number,
  marked: (label: number) => boolean,
): Uint8Array | undefined {
  const inside = new Uint8Array(columns * rows);
  let any = false;
  for (let n = 0; n < inside.length; n++) {
    if (!marked(labels[n]!)) continue;
    inside[n] = 1;
    any = true;
  }
  return any ? inside : undefined;
}

/** Follows edges from a corner until they come back to it; takes them out. */
function loopFrom(edges: Uint8Array, width: number, start: number): number[] {
  const first = [RIGHT, DOWN, LEFT, UP].find((one) => has(edges[start]!, one)) ?? RIGHT;
  const loop: number[] = [];
  let corner = start;
  let direction = first;
  for (;;) {
    loop.push(corner % width, Math.floor(corner / width));
    do {
      edges[corner]! &= ~(1 << direction);
      corner += STEP_X[direction]! + width * STEP_Y[direction]!;
    } while (corner !== start && nextOf(edges[corner]!, direction) === direction);
    // The edge that the loop began with is gone, and still the one to be met.
    const left = corner === start ? edges[corner]! | (1 << first) : edges[corner]!;
    direction = nextOf(left, direction);
    if (corner === start && direction === first) return loop;
  }
}

/** To the right first: what meets at a corner only stays apart. */
function nextOf(edges: number, direction: number): number {
  const right = (direction + 1) % 4;
  if (has(edges, right)) return right;
  return has(edges, direction) ? direction : (direction + 3) % 4;
}

function has(edges: number, direction: number): boolean {
  return (edges & (1 << direction)) !== 0;
}
