import { type ReactNode, useEffect, useRef } from 'react';
import { sameGeometry } from '../../core/volume/sameGeometry.ts';
import { type PlaneLattice, planeLattice, sampleLattice } from '../../core/volume/sampleAt.ts';
import { formatValue } from '../components/names.ts';
import type { Column } from '../state/columns.ts';
import type { Comparison } from '../state/comparison.ts';
import { groupVolume } from '../state/viewActions.ts';
import { text } from '../text.ts';
import { ColourScale } from './ColourScale.tsx';
import { colourTable, paintValues } from './colourMaps.ts';
import { drawLattice, screenContext } from './latticeImage.ts';
import type { CellScene } from './Viewport.tsx';
import { type StoredVoxels, voxelsOf } from './voxelStore.ts';

interface DifferenceLayerProps {
  readonly scene: CellScene;
  readonly second: Column;
  readonly comparison: Comparison;
  readonly smooth: boolean;
}

/** Share of the window's width at the ends of the colours. */
const AUTOMATIC_SHARE = 0.25;

/** The difference of two images on the first one's voxels, or its size against the truth. */
export function DifferenceLayer({ scene, second, comparison, smooth }: DifferenceLayerProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { column, camera, focus, plane } = scene;
  const isError = comparison.mode === 'error';
  const first = column === undefined ? undefined : voxelsOf(column.key);
  const other = voxelsOf(second.key);
  const end = comparison.scale ?? automaticScale(column);
  // Black where nothing differs: a white image would blind a reader in a dark room.
  const colours = colourTable(isError ? 'viridis' : 'blue-black-orange');
  const fits =
    !isError || (first !== undefined && other !== undefined && sameGeometry(first.grid, other.grid));

  useEffect(() => {
    const element = canvas.current;
    if (element === null || camera === undefined || focus === null || plane === undefined) return;
    const context = screenContext(element, camera.size);
    if (context === undefined || first === undefined || other === undefined || !fits) return;
    const lattice = planeLattice(first.grid, plane, focus);
    if (lattice === undefined) return;
    const values = differences(first, other, lattice, isError ? 'nearest' : comparison.between);
    if (isError) for (let n = 0; n < values.length; n++) values[n] = Math.abs(values[n]!);
    const pixels = new ImageData(lattice.columns, lattice.rows);
    paintValues(values, isError ? 0 : -end, end, colours, pixels.data);
    drawLattice(context, pixels, lattice, camera, smooth);
  });

  if (column === undefined) return null;
  const words = text.review.compare;
  const names = [text.columns[column.kind], `${text.columns[second.kind]} ${second.title}`] as const;
  return (
    <>
      <canvas ref={canvas} className="difference" data-difference={isError ? 'error' : comparison.between} />
      {fits ? (
        <ColourScale
          colours={colours}
          least={isError ? '0' : `−${formatValue(end)}`}
          middle={isError ? undefined : '0'}
          greatest={`${isError ? '' : '+'}${formatValue(end)}`}
          title={isError ? words.errorTitle(...names) : words.differenceTitle(...names)}
          note={isError ? undefined : words.differenceNote(comparison.between, second.kind === 'zero-filled')}
        />
      ) : (
        <div className="compared-missing">{words.otherGeometry}</div>
      )}
    </>
  );
}

/** First minus second at the points of a lattice, which are voxel centres of the first. */
export function differences(
  first: StoredVoxels,
  second: StoredVoxels,
  lattice: PlaneLattice,
  between: Comparison['between'],
): Float32Array {
  const values = sampleLattice(first, lattice, 'linear');
  const others = sampleLattice(second, lattice, between);
  for (let n = 0; n < values.length; n++) values[n] = values[n]! - others[n]!;
  return values;
}

/** A round share of the first image's suggested window: the same on every slice. */
export function automaticScale(column: Column | undefined): number {
  const width = groupVolume(column?.kind === 'series' ? column.key : 'target')?.window.width ?? 1;
  return Number((width * AUTOMATIC_SHARE).toPrecision(1));
}
