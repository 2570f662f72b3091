import { angleDegrees, lengthMm, type Measurement } from '../../core/volume/measurement.ts';
import { regionOf } from '../../core/volume/planarRegion.ts';
import { type RegionStatistics, regionStatistics } from '../../core/volume/regionStatistics.ts';
import { sampleAt } from '../../core/volume/sampleAt.ts';
import { shownCells } from '../state/cells.ts';
import type { Column } from '../state/columns.ts';
import { useApp } from '../state/store.ts';
import { useView } from '../state/view.ts';
import { displayedColumn } from '../state/viewActions.ts';
import { comparedColumn } from '../viewer/Compared.tsx';
import { voxelsOf } from '../viewer/voxelStore.ts';

/** The images on the screen, each once, in the order of the cells: measurements are told for each. */
export function imagesOnScreen(): Column[] {
  const app = useApp.getState();
  const view = useView.getState();
  const images: Column[] = [];
  const take = (column: Column | undefined): void => {
    if (column === undefined || images.some(({ key }) => key === column.key)) return;
    if (voxelsOf(column.key) !== undefined) images.push(column);
  };
  for (const cell of shownCells(app, view).cells) take(displayedColumn(cell, view));
  if (view.comparison.mode !== 'off') take(comparedColumn(view.comparison));
  return images;
}

/** The size of a measurement: the same in every image. */
export interface MeasuredSize {
  readonly lengthMm?: number;
  readonly angleDegrees?: number;
  readonly areaMm2?: number;
}

export function sizeOf(measurement: Measurement): MeasuredSize {
  const [a, b, c] = measurement.pointsLps;
  switch (measurement.kind) {
    case 'length':
    case 'profile':
      return a === undefined || b === undefined ? {} : { lengthMm: lengthMm(a, b) };
    case 'angle':
      return a === undefined || b === undefined || c === undefined
        ? {}
        : { angleDegrees: angleDegrees(a, b, c) };
    case 'probe':
      return {};
    default: {
      const region = regionOf(measurement);
      return region === undefined ? {} : { areaMm2: region.areaMm2 };
    }
  }
}

const known = new WeakMap<Measurement, Map<string, RegionStatistics>>();

/** Statistics of an image in a region, or of the one voxel at a probe; undefined for what has none. */
export function statisticsOf(measurement: Measurement, key: string): RegionStatistics | undefined {
  const image = voxelsOf(key);
  if (image === undefined) return undefined;
  const before = known.get(measurement)?.get(key);
  if (before !== undefined) return before;
  const statistics = compute(measurement, image);
  if (statistics === undefined) return undefined;
  const entries = known.get(measurement) ?? new Map<string, RegionStatistics>();
  entries.set(key, statistics);
  known.set(measurement, entries);
  return statistics;
}

function compute(
  measurement: Measurement,
  image: NonNullable<ReturnType<typeof voxelsOf>>,
): RegionStatistics | undefined {
  const [point] = measurement.pointsLps;
  if (measurement.kind === 'probe' && point !== undefined) {
    const value = sampleAt(image, point, 'nearest');
    const count = Number.isNaN(value) ? 0 : 1;
    return { count, mean: value, sd: Number.NaN, min: value, max: value };
  }
  const region = regionOf(measurement);
  return region === undefined ? undefined : regionStatistics(image, region);
}
