import { allColumns, availableColumns, type Column, columnId, shownColumns } from './columns.ts';
import { type AppState, seriesByUid } from './store.ts';
import { type GridLayout, type Layout, PLANE_NAMES, type PlaneName, type ViewState } from './view.ts';

/** A place of the layout and what is in it. */
export interface Cell {
  /** `row-column` of the layout, from 0. */
  readonly id: string;
  readonly row: number;
  readonly position: number;
  /** What is to be shown there; undefined where there is no such image (yet). */
  readonly column: Column | undefined;
  readonly plane: PlaneName;
}

const SHAPES: Readonly<Record<GridLayout, readonly [rows: number, columns: number]>> = {
  '1x1': [1, 1],
  '1x2': [1, 2],
  '1x3': [1, 3],
  '2x2': [2, 2],
};

export function isGridLayout(layout: Layout): layout is GridLayout {
  return Object.hasOwn(SHAPES, layout);
}

/** Under which name the user's choice for a cell is kept: every layout remembers its own. */
export function choiceKey(layout: Layout, cell: string): string {
  return `${layout}/${cell}`;
}

/** The cells of the layout, row by row, with the user's choices in them. */
export function layoutCells(
  state: AppState,
  view: Pick<ViewState, 'layout' | 'hiddenColumns' | 'choices'>,
): { readonly rows: number; readonly columns: number; readonly cells: readonly Cell[] } {
  const { rows, columns, at } = defaults(state, view);
  const known = allColumns(state);
  const cells: Cell[] = [];
  for (let row = 0; row < rows; row++) {
    for (let position = 0; position < columns; position++) {
      const id = `${row}-${position}`;
      const choice = view.choices[choiceKey(view.layout, id)];
      const [column, plane] = at(row, position);
      const chosen = known.find((candidate) => columnId(candidate) === choice?.column);
      cells.push({ id, row, position, column: chosen ?? column, plane: choice?.plane ?? plane });
    }
  }
  return { rows, columns, cells };
}

interface Defaults {
  readonly rows: number;
  readonly columns: number;
  readonly at: (row: number, position: number) => readonly [Column | undefined, PlaneName];
}

function defaults(state: AppState, view: Pick<ViewState, 'layout' | 'hiddenColumns'>): Defaults {
  const { layout } = view;
  if (!isGridLayout(layout)) {
    const shown = shownColumns(state, view);
    const planes = layout === 'all' ? PLANE_NAMES : [layout];
    return {
      rows: planes.length,
      columns: shown.length,
      at: (row, position) => [shown[position], planes[row]!],
    };
  }
  const [rows, columns] = SHAPES[layout];
  const available = availableColumns(state);
  const [target] = available;
  const acquired = seriesByUid(state, state.targetUid)?.orientation ?? 'axial';
  const order: readonly Column['kind'][] =
    rows * columns === 1
      ? ['enhanced', 'target']
      : rows * columns === 2
        ? ['target', 'enhanced', 'reference']
        : ['target', 'enhanced', 'reference', 'zero-filled'];
  const images = order
    .map((kind) => available.find((column) => column.kind === kind))
    .filter((column) => column !== undefined);
  // Where there are fewer images than cells, the other planes of the target fill them.
  const others = PLANE_NAMES.filter((plane) => plane !== acquired);
  return {
    rows,
    columns,
    at: (row, position) => {
      const n = row * columns + position;
      const image = images[n];
      return image !== undefined ? [image, acquired] : [target, others[n - images.length] ?? acquired];
    },
  };
}

/** The cells that are on the screen: all of the layout, or the one that fills it. */
export function shownCells(
  state: AppState,
  view: Pick<ViewState, 'layout' | 'hiddenColumns' | 'choices' | 'maximised'>,
): { readonly rows: number; readonly columns: number; readonly cells: readonly Cell[] } {
  const all = layoutCells(state, view);
  const large = all.cells.find((cell) => cell.id === view.maximised);
  return large === undefined ? all : { rows: 1, columns: 1, cells: [large] };
}

/** A plane of the target in Align, which has no cells of its own: as one. */
export function alignCell(plane: PlaneName, target: Column | undefined): Cell {
  return { id: `align-${plane}`, row: 0, position: 0, column: target, plane };
}

/** The plane of Align that was used last. */
export function activeAlignPlane(view: Pick<ViewState, 'active'>): PlaneName {
  return PLANE_NAMES.find((plane) => view.active === `align-${plane}`) ?? 'axial';
}

/** The cell that the keyboard acts on: the active one, or the first. */
export function activeCell(state: AppState, view: ViewState): Cell | undefined {
  if (state.task === 'align') return alignCell(activeAlignPlane(view), availableColumns(state)[0]);
  const { cells } = shownCells(state, view);
  return cells.find((cell) => cell.id === view.active) ?? cells[0];
}
