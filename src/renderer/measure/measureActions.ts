import { type Measurement, type MeasurementKind, POINTS_NEEDED } from '../../core/volume/measurement.ts';
import { regionOf } from '../../core/volume/planarRegion.ts';
import type { PatientPlane } from '../../core/volume/sampleAt.ts';
import { norm, subtract, type Vec3 } from '../../core/volume/vec.ts';
import { perform } from '../state/history.ts';
import { setMeasurements, useMeasurements } from '../state/measurements.ts';
import type { Tool } from '../state/view.ts';
import { text } from '../text.ts';

/** Points of a freehand outline lie at least this far apart on the screen. */
const FREEHAND_STEP_PX = 3;

export function isMeasuring(tool: Tool): tool is MeasurementKind {
  return tool === 'freehand' || Object.hasOwn(POINTS_NEEDED, tool);
}

/** Sets a point: begins a measurement, goes on with it, or finishes it. */
export function setPoint(kind: MeasurementKind, cell: string, plane: PatientPlane, point: Vec3): void {
  const { draft } = useMeasurements.getState();
  const goesOn = draft !== null && draft.kind === kind && draft.cell === cell;
  const pointsLps = goesOn ? [...draft.pointsLps, point] : [point];
  const next = { kind, plane: goesOn ? draft.plane : plane, cell, pointsLps, nextLps: point };
  setMeasurements({ draft: next, selected: null });
  if (kind !== 'freehand' && pointsLps.length === POINTS_NEEDED[kind]) finishDraft();
}

/** The next point would be here. */
export function aimAt(point: Vec3): void {
  const { draft } = useMeasurements.getState();
  if (draft !== null) setMeasurements({ draft: { ...draft, nextLps: point } });
}

/** Goes on with a freehand outline, where the pointer has come far enough. */
export function drawTo(point: Vec3, mmPerPixel: number): void {
  const { draft } = useMeasurements.getState();
  const last = draft?.pointsLps.at(-1);
  if (draft === null || last === undefined) return;
  const far = norm(subtract(point, last)) >= FREEHAND_STEP_PX * mmPerPixel;
  setMeasurements({
    draft: { ...draft, pointsLps: far ? [...draft.pointsLps, point] : draft.pointsLps, nextLps: point },
  });
}

/** Makes a measurement of what was drawn; what has no extent is dropped. */
export function finishDraft(): void {
  const { draft } = useMeasurements.getState();
  if (draft === null) return;
  setMeasurements({ draft: null });
  const { kind, plane, pointsLps } = draft;
  const measurement: Measurement = { id: newId(), name: newName(kind), kind, plane, pointsLps };
  if (hasExtent(measurement)) addMeasurement(measurement);
}

export function cancelDraft(): void {
  setMeasurements({ draft: null });
}

function hasExtent(measurement: Measurement): boolean {
  const { kind, pointsLps } = measurement;
  const needed = kind === 'freehand' ? 3 : POINTS_NEEDED[kind];
  if (pointsLps.length < needed) return false;
  if (kind === 'probe') return true;
  if (kind === 'length' || kind === 'profile' || kind === 'angle') {
    return pointsLps.slice(1).every((point, n) => norm(subtract(point, pointsLps[n]!)) > 1e-6);
  }
  return (regionOf(measurement)?.areaMm2 ?? 0) > 1e-6;
}

function addMeasurement(measurement: Measurement): void {
  perform({
    label: text.measure.drawn(measurement.name),
    apply: () =>
      setMeasurements({
        items: [...useMeasurements.getState().items, measurement],
        selected: measurement.id,
      }),
    revert: () => without(measurement.id),
  });
}

export function deleteMeasurement(id: string): void {
  const { items } = useMeasurements.getState();
  const at = items.findIndex((item) => item.id === id);
  const measurement = items[at];
  if (measurement === undefined) return;
  perform({
    label: text.measure.deleted(measurement.name),
    apply: () => without(id),
    revert: () => {
      const now = useMeasurements.getState().items;
      setMeasurements({ items: [...now.slice(0, at), measurement, ...now.slice(at)], selected: id });
    },
  });
}

export function deleteSelected(): void {
  const { selected } = useMeasurements.getState();
  if (selected !== null) deleteMeasurement(selected);
}

export function deleteAllMeasurements(): void {
  const { items } = useMeasurements.getState();
  if (items.length === 0) return;
  perform({
    label: text.measure.allDeleted,
    apply: () => setMeasurements({ items: [], selected: null }),
    revert: () => setMeasurements({ items }),
  });
}

export function renameMeasurement(id: string, name: string): void {
  replace(id, text.measure.renamed(name), (measurement) => ({ ...measurement, name }));
}

/** Puts a measurement's points elsewhere, as one step that can be undone; not where nothing would be left of it. */
export function movePoints(id: string, pointsLps: readonly Vec3[]): void {
  const before = useMeasurements.getState().items.find((item) => item.id === id);
  if (before === undefined || !hasExtent({ ...before, pointsLps })) return;
  replace(id, text.measure.moved, (measurement) => ({ ...measurement, pointsLps }));
}

function replace(id: string, label: string, change: (before: Measurement) => Measurement): void {
  const before = useMeasurements.getState().items.find((item) => item.id === id);
  if (before === undefined) return;
  const after = change(before);
  const put = (measurement: Measurement): void =>
    setMeasurements({
      items: useMeasurements.getState().items.map((item) => (item.id === id ? measurement : item)),
      selected: id,
    });
  perform({ label, apply: () => put(after), revert: () => put(before) });
}

function without(id: string): void {
  const { items, selected } = useMeasurements.getState();
  setMeasurements({
    items: items.filter((item) => item.id !== id),
    selected: selected === id ? null : selected,
  });
}

export function selectMeasurement(id: string | null): void {
  setMeasurements({ selected: id });
}

let made = 0;

/** Of no measurement that is there, and of none that can come back by undoing. */
function newId(): string {
  const taken = new Set(useMeasurements.getState().items.map(({ id }) => id));
  do made++;
  while (taken.has(`m${made}`));
  return `m${made}`;
}

/** `Length 2`: the kind and the first number that no other has. */
function newName(kind: MeasurementKind): string {
  const taken = new Set(useMeasurements.getState().items.map(({ name }) => name));
  let n = 1;
  while (taken.has(`${text.measure.kinds[kind]} ${n}`)) n++;
  return `${text.measure.kinds[kind]} ${n}`;
}
