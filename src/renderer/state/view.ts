import { create } from 'zustand';
import type { ErrorData } from '../../core/errors.ts';
import type { Grid } from '../../core/volume/grid.ts';
import type { Vec3 } from '../../core/volume/vec.ts';

export const PLANE_NAMES = ['axial', 'sagittal', 'coronal'] as const;
export type PlaneName = (typeof PLANE_NAMES)[number];

/** What a column of the viewer shows. */
export const COLUMN_KINDS = ['target', 'reference', 'enhanced', 'zero-filled', 'aligned-reference'] as const;
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** Columns of one group share their window: the target's values, or the reference's. */
export type WindowGroup = 'target' | 'reference';

export function windowGroup(kind: ColumnKind): WindowGroup {
  return kind === 'reference' || kind === 'aligned-reference' ? 'reference' : 'target';
}

export interface DisplayWindow {
  readonly center: number;
  readonly width: number;
}

/** A volume that is in the viewer: where it lies and how to show it. Its voxels are in the viewer's cache. */
export interface ShownVolume {
  readonly grid: Grid;
  readonly label: string;
  readonly window: DisplayWindow;
  /** Least and greatest value. */
  readonly range: readonly [number, number];
  readonly inventedSlices: readonly number[];
}

export type VolumeState =
  | { readonly status: 'loading'; readonly done: number; readonly total: number }
  | { readonly status: 'ready'; readonly volume: ShownVolume }
  | { readonly status: 'failed'; readonly error: ErrorData };

/** All planes of every column, or one plane large. */
export type Layout = 'all' | PlaneName;

export interface ViewState {
  readonly layout: Layout;
  readonly hiddenColumns: readonly ColumnKind[];
  /** The point that all planes go through; null until there is an image. */
  readonly focusLps: Vec3 | null;
  /** 1 fits the target into its viewport. */
  readonly zoom: number;
  /** Per plane, how far the image is moved right and down, mm. */
  readonly panMm: Readonly<Record<PlaneName, readonly [number, number]>>;
  /** Absent: the series' own suggestion. */
  readonly windows: Readonly<Partial<Record<WindowGroup, DisplayWindow>>>;
  /** Interpolate between voxels on the screen; else each voxel is a flat square. */
  readonly smooth: boolean;
  readonly showLabels: boolean;
  readonly showCrosshair: boolean;
  /** The viewport that the keyboard acts on. */
  readonly active: { readonly column: ColumnKind; readonly plane: PlaneName } | null;
  readonly volumes: Readonly<Record<string, VolumeState>>;
}

const NO_PAN: ViewState['panMm'] = { axial: [0, 0], sagittal: [0, 0], coronal: [0, 0] };

export const INITIAL_VIEW: ViewState = {
  layout: 'all',
  hiddenColumns: ['zero-filled', 'aligned-reference'],
  focusLps: null,
  zoom: 1,
  panMm: NO_PAN,
  windows: {},
  smooth: true,
  showLabels: true,
  showCrosshair: false,
  active: null,
  volumes: {},
};

export const useView = create<ViewState>()(() => INITIAL_VIEW);

export function setView(change: Partial<ViewState>): void {
  useView.setState(change);
}

/** Fit, centred, own windows; layout and columns stay. */
export const RESET_VIEW: Partial<ViewState> = { zoom: 1, panMm: NO_PAN, windows: {} };
