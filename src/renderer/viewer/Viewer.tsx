import { type ReactNode, useEffect, useLayoutEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { PanelBoundary } from '../components/PanelBoundary.tsx';
import { shownCells } from '../state/cells.ts';
import { useApp } from '../state/store.ts';
import { useView } from '../state/view.ts';
import { forgetVolumesWhere, neededColumns } from '../state/viewActions.ts';
import { text } from '../text.ts';
import { useCine } from './cine.ts';
import { useHeldOriginal } from './heldOriginal.ts';
import { loadVolumes } from './loadVolume.ts';
import { Viewport } from './Viewport.tsx';

/** The images: the cells of the layout. */
export default function Viewer(): ReactNode {
  const app = useApp(
    useShallow(({ paths, studies, studyUid, targetUid, referenceUid, enhanced, computing }) => ({
      paths,
      studies,
      studyUid,
      targetUid,
      referenceUid,
      enhanced,
      computing,
    })),
  );
  const view = useView(
    useShallow(({ layout, maximised, hiddenColumns, choices }) => ({
      layout,
      maximised,
      hiddenColumns,
      choices,
    })),
  );
  const volumes = useView((state) => state.volumes);
  useView(useShallow(({ comparison: { mode, first, second, truth } }) => ({ mode, first, second, truth })));
  const needed = neededColumns();
  const missing = needed.filter((column) => volumes[column.key] === undefined);
  const missingKeys = missing.map((column) => column.key).join(' ');
  const neededKeys = needed.map((column) => column.key).join(' ');

  // Before the viewports' own effects: they start WebGL, and the images can be read meanwhile.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys say which images are missing
  useLayoutEffect(() => loadVolumes(missing), [missingKeys]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys say which images are needed
  useEffect(() => {
    const kept = new Set(neededColumns().map((column) => column.key));
    forgetVolumesWhere((key) => !key.startsWith('labelmap-') && !kept.has(key));
  }, [neededKeys]);
  useCine();
  useHeldOriginal();

  const { rows, columns, cells } = shownCells({ ...useApp.getState(), ...app }, view);
  if (cells.length === 0) return <p className="viewer-empty dim">{text.viewer.noColumns}</p>;
  return (
    <div
      className="grid"
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${rows}, minmax(0, 1fr))`,
      }}
      data-volumes={Object.values(volumes).filter((volume) => volume.status === 'ready').length}
      data-layout={view.layout}
    >
      {cells.map((cell) => (
        <PanelBoundary
          key={cell.id}
          name={text.viewer.cellOf(text.viewer.cellName(cell.row + 1, cell.position + 1))}
        >
          <Viewport cell={cell} top={cell.row === cells[0]?.row} />
        </PanelBoundary>
      ))}
    </div>
  );
}
