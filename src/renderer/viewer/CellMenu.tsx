import { type ReactNode, useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Cell } from '../state/cells.ts';
import { allColumns, columnId } from '../state/columns.ts';
import { useApp } from '../state/store.ts';
import { PLANE_NAMES, type PlaneName } from '../state/view.ts';
import { chooseForCell } from '../state/viewActions.ts';
import { text } from '../text.ts';

/** Which image and plane a cell shows: two small lists that appear when the cell has the pointer or the focus. */
export function CellMenu({ cell }: { readonly cell: Cell }): ReactNode {
  const id = useId();
  const choices = useApp(
    useShallow((state) => allColumns(state).flatMap((column) => [columnId(column), columnName(column)])),
  );
  const pairs = choices.flatMap((value, n) => (n % 2 === 0 ? [[value, choices[n + 1] ?? ''] as const] : []));
  const place = text.viewer.cellName(cell.row + 1, cell.position + 1);
  return (
    <div className="cell-menu cell-control">
      <label className="hidden-words" htmlFor={`${id}-image`}>
        {text.viewer.imageOf(place)}
      </label>
      <select
        id={`${id}-image`}
        value={cell.column === undefined ? '' : columnId(cell.column)}
        onChange={(event) => chooseForCell(cell.id, { column: event.currentTarget.value })}
      >
        {cell.column === undefined && <option value="">{text.viewer.emptyCell}</option>}
        {pairs.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <label className="hidden-words" htmlFor={`${id}-plane`}>
        {text.viewer.planeOf(place)}
      </label>
      <select
        id={`${id}-plane`}
        value={cell.plane}
        onChange={(event) => chooseForCell(cell.id, { plane: event.currentTarget.value as PlaneName })}
      >
        {PLANE_NAMES.map((plane) => (
          <option key={plane} value={plane}>
            {text.planes[plane]}
          </option>
        ))}
      </select>
    </div>
  );
}

function columnName(column: ReturnType<typeof allColumns>[number]): string {
  return column.kind === 'series' ? column.title : `${text.columns[column.kind]}: ${column.title}`;
}
