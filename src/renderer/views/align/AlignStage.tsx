import { type ReactNode, useEffect, useLayoutEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { gridCentre } from '../../../core/volume/grid.ts';
import { useAlign } from '../../state/align.ts';
import { begin, provideCentre } from '../../state/alignActions.ts';
import { availableColumns } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import { PLANE_NAMES, useView } from '../../state/view.ts';
import { readyVolume } from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { loadVolumes } from '../../viewer/loadVolume.ts';
import { viewPlanes } from '../../viewer/planes.ts';
import { AlignPlane } from './AlignPlane.tsx';

/** Target and reference over each other, in three planes along the target's axes. */
export default function AlignStage(): ReactNode {
  const app = useApp(
    useShallow(({ paths, studies, studyUid, targetUid, referenceUid }) => ({
      paths,
      studies,
      studyUid,
      targetUid,
      referenceUid,
    })),
  );
  const layout = useView((view) => view.layout);
  const volumes = useView((view) => view.volumes);
  const pair = availableColumns({ ...useApp.getState(), ...app }).filter(
    ({ kind }) => kind === 'target' || kind === 'reference',
  );
  const [target, reference] = pair;
  const missing = pair.filter(({ key }) => volumes[key] === undefined);
  const missingKeys = missing.map(({ key }) => key).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys say which images are missing
  useLayoutEffect(() => loadVolumes(missing), [missingKeys]);

  const grid = target === undefined ? undefined : readyVolume(target.key)?.grid;
  useEffect(() => provideCentre(() => (grid === undefined ? undefined : gridCentre(grid))), [grid]);
  const referenceIsReady = reference !== undefined && readyVolume(reference.key) !== undefined;
  const isReady = grid !== undefined && referenceIsReady;
  const recalling = useAlign((state) => state.recalling);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a pair
  useEffect(() => {
    if (isReady && !recalling) begin();
  }, [isReady, recalling, app.targetUid, app.referenceUid]);

  if (target === undefined || reference === undefined) {
    return <p className="viewer-empty dim">{text.align.noReference}</p>;
  }
  const failed = [target, reference]
    .map(({ key }) => volumes[key])
    .find((state) => state?.status === 'failed');
  if (failed?.status === 'failed') {
    return (
      <p className="viewer-empty" role="alert">
        {failed.error.message} {failed.error.hint}
      </p>
    );
  }
  if (grid === undefined || !referenceIsReady)
    return <p className="viewer-empty dim">{text.viewer.loading}</p>;
  const planes = viewPlanes(grid);
  // The target's own plane is where its slices are seen as they were acquired.
  const shown = PLANE_NAMES.filter((name) => layout === 'all' || !isPlane(layout) || layout === name);
  return (
    <div className={`align-grid planes-${shown.length}`} data-align-ready="">
      {shown.map((name) => (
        <AlignPlane
          key={name}
          plane={planes[name]}
          base={grid}
          targetKey={target.key}
          referenceKey={reference.key}
          names={{ target: target.title, reference: reference.title }}
        />
      ))}
    </div>
  );
}

function isPlane(layout: string): boolean {
  return (PLANE_NAMES as readonly string[]).includes(layout);
}
