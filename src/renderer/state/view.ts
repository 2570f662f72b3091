import { create } from 'zustand';
import type { ErrorData } from '../../core/errors.ts';
import type { Grid } from '../../core/volume/grid.ts';
import { MEASUREMENT_KINDS } from '../../core/volume/measurement.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { type Comparison, NO_COMPARISON } from './comparison.ts';

export const PLANE_NAMES = ['axial', 'sagittal', 'coronal'] as const;
export type PlaneName = (typeof PLANE_NAMES)[number];

/** What a column of the viewer shows; `result` is another enhanced series of the pair, `series` any other of the study. */
export const COLUMN_KINDS = [
  'target',
  'reference',
  'enhanced',
  'zero-filled',
  'aligned-reference',
  'result',
  'series',
] as const;
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/**
 * Images of one group share window, colours and inversion: `target` and what was made of it, `reference` and
 * what was made of it; every other series is a group by itself, named by its key.
 */
export type WindowGroup = string;

/** The group of what belongs to the pair; for any column see `groupOf` in `columns.ts`. */
export function windowGroup(kind: Exclude<ColumnKind, 'series'>): 'target' | 'reference' {
  return kind === 'reference' || kind === 'aligned-reference' ? 'reference' : 'target';
}

export interface DisplayWindow {
  readonly center: number;
  readonly width: number;
}

export const COLOUR_MAPS = ['grey', 'viridis', 'cividis', 'blue-orange', 'blue-black-orange'] as const;
export type ColourMapName = (typeof COLOUR_MAPS)[number];

/** A volume that is in the viewer: where it lies and how to show it. Its voxels are in `voxelStore.ts`. */
export interface ShownVolume {
  readonly grid: Grid;
  readonly label: string;
  readonly window: DisplayWindow;
  /** Least and greatest value. */
  readonly range: readonly [number, number];
  readonly inventedSlices: readonly number[];
  /** Slices k that are still to be computed; absent where all are there. */
  readonly pendingSlices?: readonly number[];
}

export type VolumeState =
  | { readonly status: 'loading'; readonly done: number; readonly total: number }
  | { readonly status: 'ready'; readonly volume: ShownVolume }
  | { readonly status: 'failed'; readonly error: ErrorData };

/** Cells side by side, whatever they show; or all planes (rows) of every image (columns); or one plane of them. */
export const GRID_LAYOUTS = ['1x1', '1x2', '1x3', '2x2'] as const;
export type GridLayout = (typeof GRID_LAYOUTS)[number];
export type Layout = 'all' | PlaneName | GridLayout;

/** What the user put into a cell in place of what the layout has there. */
export interface CellChoice {
  /** `columnId` of a column. */
  readonly column?: string;
  readonly plane?: PlaneName;
}

/** What the left mouse button and the keyboard do in an image. */
export const TOOLS = ['window', 'scroll', 'pan', 'zoom', 'crosshair', ...MEASUREMENT_KINDS] as const;
/** They change an outline that was found (see `correcting.ts`), and are there where there is one. */
export const CORRECTING_TOOLS = ['brush', 'eraser'] as const;
export type CorrectingTool = (typeof CORRECTING_TOOLS)[number];
export type Tool = (typeof TOOLS)[number] | CorrectingTool;

export function isCorrecting(tool: Tool): tool is CorrectingTool {
  return tool === 'brush' || tool === 'eraser';
}

/** What all cells share while it is linked. */
export const LINKS = ['scroll', 'zoom', 'pan', 'window'] as const;
export type Link = (typeof LINKS)[number];

/** What a cell has for itself where it is not linked. */
export interface OwnView {
  readonly focusLps?: Vec3;
  readonly zoom?: number;
  readonly panMm?: readonly [number, number];
}

export interface ViewState {
  readonly layout: Layout;
  /** A cell that fills the viewer, by its id. */
  readonly maximised: string | null;
  readonly hiddenColumns: readonly ColumnKind[];
  /** By layout and cell, see `choiceKey`. */
  readonly choices: Readonly<Record<string, CellChoice>>;
  /** The point that all planes go through; null until there is an image. */
  readonly focusLps: Vec3 | null;
  /** 1 fits the target into its viewport. */
  readonly zoom: number;
  /** Per plane, how far the image is moved right and down, mm. */
  readonly panMm: Readonly<Record<PlaneName, readonly [number, number]>>;
  readonly linked: Readonly<Record<Link, boolean>>;
  /** By cell id. */
  readonly own: Readonly<Record<string, OwnView>>;
  /** By group, or by a column's key while windows are not linked. Absent: the series' own suggestion. */
  readonly windows: Readonly<Record<WindowGroup, DisplayWindow>>;
  /** By group; absent: grey. */
  readonly colourMaps: Readonly<Record<WindowGroup, ColourMapName>>;
  /** Groups that are shown inverted. */
  readonly inverted: readonly WindowGroup[];
  /** Interpolate between voxels on the screen; else each voxel is a flat square. */
  readonly smooth: boolean;
  /** The words and marks over the images; what says that an image is enhanced stays without them. */
  readonly showLabels: boolean;
  /** Name and number of the patient among them. */
  readonly showPatient: boolean;
  readonly showCrosshair: boolean;
  readonly magnifier: boolean;
  readonly tool: Tool;
  /** In place of every enhanced image, what it was made from. */
  readonly showOriginal: boolean;
  readonly comparison: Comparison;
  readonly cine: Cine;
  readonly labelmap: Labelmap | null;
  /** The cell that the keyboard acts on. */
  readonly active: string | null;
  readonly volumes: Readonly<Record<string, VolumeState>>;
}

export interface Cine {
  /** The cell that plays. */
  readonly cell: string | null;
  readonly slicesPerSecond: number;
  /** Turns round at the ends; else begins again. */
  readonly bounce: boolean;
}

export interface ShownLabel {
  readonly value: number;
  /** As the file has it; the value where it names none. */
  readonly name: string;
  /** Red, green and blue, 0 to 255: what the file recommends, else one of ours. */
  readonly color: readonly [number, number, number];
}

/** Regions drawn over the images, from a volume of whole numbers on a grid of its own; 0 is nothing. */
export interface Labelmap {
  readonly key: string;
  readonly name: string;
  readonly path: string;
  /** What the study was found under, where the file was listed with it. */
  readonly within: readonly string[];
  /** The labels in it, least first, without 0. */
  readonly labels: readonly ShownLabel[];
  /** What should be known of it, in words. */
  readonly warnings: readonly string[];
  readonly opacity: number;
  readonly outline: boolean;
}

const NO_PAN: ViewState['panMm'] = { axial: [0, 0], sagittal: [0, 0], coronal: [0, 0] };

export const INITIAL_VIEW: ViewState = {
  layout: 'all',
  maximised: null,
  hiddenColumns: ['zero-filled', 'aligned-reference'],
  choices: {},
  focusLps: null,
  zoom: 1,
  panMm: NO_PAN,
  linked: { scroll: true, zoom: true, pan: true, window: true },
  own: {},
  windows: {},
  colourMaps: {},
  inverted: [],
  smooth: true,
  showLabels: true,
  showPatient: true,
  showCrosshair: false,
  magnifier: false,
  tool: 'window',
  showOriginal: false,
  comparison: NO_COMPARISON,
  cine: { cell: null, slicesPerSecond: 10, bounce: true },
  labelmap: null,
  active: null,
  volumes: {},
};

export const useView = create<ViewState>()(() => INITIAL_VIEW);

export function setView(change: Partial<ViewState>): void {
  useView.setState(change);
}

/** Fit, centred, own windows, grey; layout and columns stay. */
export const RESET_VIEW: Partial<ViewState> = {
  zoom: 1,
  panMm: NO_PAN,
  own: {},
  windows: {},
  colourMaps: {},
  inverted: [],
};
