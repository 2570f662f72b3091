import { type ReactNode, useLayoutEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { shownColumns } from '../state/columns.ts';
import { useApp } from '../state/store.ts';
import { PLANE_NAMES, useView } from '../state/view.ts';
import { baseGrid } from '../state/viewActions.ts';
import { text } from '../text.ts';
import { loadVolumes } from './loadVolume.ts';
import { viewPlanes } from './planes.ts';
import { Viewport } from './Viewport.tsx';

/** The images: a column for each series, a row for each plane. */
export default function Viewer(): ReactNode {
  const app = useApp(
    useShallow(({ paths, studies, studyUid, targetUid, referenceUid, enhanced }) => ({
      paths,
      studies,
      studyUid,
      targetUid,
      referenceUid,
      enhanced,
    })),
  );
  const hiddenColumns = useView((view) => view.hiddenColumns);
  const layout = useView((view) => view.layout);
  const volumes = useView((view) => view.volumes);
  const columns = shownColumns({ ...useApp.getState(), ...app }, { hiddenColumns });
  const missing = columns.filter((column) => volumes[column.key] === undefined);
  const missingKeys = missing.map((column) => column.key).join(' ');

  // Before the viewports' own effects: they start WebGL, and the images can be read meanwhile.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys say which columns are missing
  useLayoutEffect(() => loadVolumes(missing), [missingKeys]);

  if (columns.length === 0) return <p className="viewer-empty dim">{text.viewer.noColumns}</p>;
  const grid = baseGrid(columns);
  const planes = grid === undefined ? undefined : viewPlanes(grid);
  const rows = layout === 'all' ? PLANE_NAMES : [layout];
  return (
    <div
      className="grid"
      style={{
        gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${rows.length}, minmax(0, 1fr))`,
      }}
      data-volumes={Object.values(volumes).filter((volume) => volume.status === 'ready').length}
    >
      {rows.flatMap((row) =>
        columns.map((column) => (
          <Viewport
            key={`${column.kind} ${row}`}
            column={column}
            plane={planes?.[row]}
            planeName={row}
            base={grid}
            top={row === rows[0]}
          />
        )),
      )}
    </div>
  );
}
