import { cross, dot, norm, normalize, subtract, type Vec3 } from '../../volume/vec.ts';
import { C } from '../derived/companionTags.ts';
import type { DataSet } from '../derived/dataSet.ts';
import { elementOf, itemsOf, numbersOf } from './checkedObject.ts';
import type { Note } from './finding.ts';

/** Where the image planes of an object are: one of a classic image, one a frame of others. */
export interface PlacedPlanes {
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
  /** Between rows and between columns, as Pixel Spacing has them. */
  readonly spacingMm: readonly number[];
  /** Between Slices as it is written; undefined where it is not. */
  readonly stepMm: number | undefined;
  readonly positionsLps: readonly Vec3[];
}

/** How far directions written with three digits are from unit length and right angles. */
const DIRECTION = 1e-3;

/**
 * Holds orientation, spacing and position of an image plane, or of every frame, against what geometry allows.
 * @returns undefined where the object has no planes, or none that can be used
 */
export function checkPlanes(dataSet: DataSet, note: Note): PlacedPlanes | undefined {
  const [shared = []] = itemsOf(dataSet, C.SharedFunctionalGroupsSequence);
  const frames = itemsOf(dataSet, C.PerFrameFunctionalGroupsSequence);
  if (frames.length === 0) return checkPlane(dataSet, note);
  const inShared = [C.SharedFunctionalGroupsSequence];
  const inFrame = [C.PerFrameFunctionalGroupsSequence];
  const group = (frame: DataSet, tag: number): { item: DataSet; place: readonly number[] } => {
    const own = itemsOf(frame, tag)[0];
    if (own !== undefined) return { item: own, place: [...inFrame, tag] };
    return { item: itemsOf(shared, tag)[0] ?? [], place: [...inShared, tag] };
  };
  let first: Omit<PlacedPlanes, 'positionsLps'> | undefined;
  const positionsLps: Vec3[] = [];
  for (const frame of frames) {
    const measures = group(frame, C.PixelMeasuresSequence);
    const orientation = group(frame, C.PlaneOrientationSequence);
    const position = group(frame, C.PlanePositionSequence);
    const axes = checkOrientation(orientation.item, note, orientation.place);
    const spacingMm = checkSpacing(measures.item, note, measures.place);
    const at = checkPosition(position.item, note, position.place);
    if (axes === undefined || spacingMm === undefined || at === undefined) return undefined;
    first ??= { ...axes, spacingMm, stepMm: numbersOf(measures.item, C.SpacingBetweenSlices)[0] };
    positionsLps.push(at);
  }
  return first && { ...first, positionsLps };
}

function checkPlane(dataSet: DataSet, note: Note): PlacedPlanes | undefined {
  if (elementOf(dataSet, C.ImageOrientationPatient) === undefined) return undefined;
  const axes = checkOrientation(dataSet, note, []);
  const spacingMm = checkSpacing(dataSet, note, []);
  const position = checkPosition(dataSet, note, []);
  if (axes === undefined || spacingMm === undefined || position === undefined) return undefined;
  const stepMm = numbersOf(dataSet, C.SpacingBetweenSlices)[0];
  return { ...axes, spacingMm, stepMm, positionsLps: [position] };
}

function checkOrientation(dataSet: DataSet, note: Note, place: readonly number[]) {
  if (elementOf(dataSet, C.ImageOrientationPatient) === undefined) return undefined;
  const here = [...place, C.ImageOrientationPatient];
  const values = numbersOf(dataSet, C.ImageOrientationPatient);
  if (values.length !== 6) {
    note('error', 'orientation', here, 'Image Orientation (Patient) is not six numbers');
    return undefined;
  }
  const row = values.slice(0, 3) as unknown as Vec3;
  const column = values.slice(3) as unknown as Vec3;
  const [a, b] = [norm(row), norm(column)];
  if ([a, b].some((length) => Math.abs(length - 1) > DIRECTION)) {
    note(
      'error',
      'orientation',
      here,
      `Image Orientation (Patient) has vectors of length ${a.toFixed(4)} and ${b.toFixed(4)}; they must be 1`,
    );
    if (a < 0.5 || b < 0.5) return undefined;
  }
  const cosine = dot(row, column) / (a * b);
  if (Math.abs(cosine) > DIRECTION) {
    const degrees = (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
    note(
      'error',
      'orientation',
      here,
      `Image Orientation (Patient) has vectors at ${degrees.toFixed(2)}°; they must be at 90°`,
    );
  }
  return { iAxisLps: normalize(row), jAxisLps: normalize(column) };
}

function checkSpacing(dataSet: DataSet, note: Note, place: readonly number[]): number[] | undefined {
  for (const [tag, name] of [
    [C.SliceThickness, 'Slice Thickness'],
    [C.SpacingBetweenSlices, 'Spacing Between Slices'],
  ] as const) {
    const [value] = numbersOf(dataSet, tag);
    if (value !== undefined && value <= 0)
      note('error', 'spacing', [...place, tag], `${name} is ${value} mm`);
  }
  if (elementOf(dataSet, C.PixelSpacing) === undefined) return undefined;
  const spacing = numbersOf(dataSet, C.PixelSpacing);
  if (spacing.length === 2 && spacing.every((value) => value > 0)) return spacing;
  note('error', 'spacing', [...place, C.PixelSpacing], 'Pixel Spacing is not two numbers above 0');
  return undefined;
}

function checkPosition(dataSet: DataSet, note: Note, place: readonly number[]): Vec3 | undefined {
  if (elementOf(dataSet, C.ImagePositionPatient) === undefined) return undefined;
  const position = numbersOf(dataSet, C.ImagePositionPatient);
  if (position.length === 3) return position as unknown as Vec3;
  note(
    'error',
    'position',
    [...place, C.ImagePositionPatient],
    'Image Position (Patient) is not three numbers',
  );
  return undefined;
}

/** One plane of several that should be a stack. */
export interface PlaneAt {
  readonly positionLps: Vec3;
  /** Who is told of it. */
  readonly note: Note;
}

/** Positions nearer than this are one. */
const SAME_MM = 1e-3;
/** Steps may differ by what rounding positions to two digits does, or by a hundredth. */
const EVEN_MM = 0.02;
const EVEN_SHARE = 0.01;

/**
 * Holds the planes of one stack against each other: each at its own place, evenly spaced along the normal, none
 * shifted sideways.
 *
 * @param stack parallel planes in any order
 * @param strict a series that must be one even stack; else what is uneven may be meant
 * @returns the planes in order along the normal
 */
export function checkStack<P extends PlaneAt>(
  stack: readonly P[],
  axes: Pick<PlacedPlanes, 'iAxisLps' | 'jAxisLps' | 'stepMm'>,
  strict: boolean,
  place: readonly number[] = [C.ImagePositionPatient],
): P[] {
  const normal = normalize(cross(axes.iAxisLps, axes.jAxisLps));
  const along = (plane: P) => dot(plane.positionLps, normal);
  const sorted = [...stack].sort((a, b) => along(a) - along(b));
  const steps = sorted.slice(1).map((plane, n) => along(plane) - along(sorted[n]!));
  const apart = steps.filter((step) => step > SAME_MM).sort((a, b) => a - b);
  const median = apart[apart.length >> 1];
  const severity = strict ? 'error' : 'warning';
  steps.forEach((step, n) => {
    const { note, positionLps } = sorted[n + 1]!;
    if (step <= SAME_MM) {
      note(severity, 'same-position', place, 'Two images lie at the same position along the normal');
      return;
    }
    const tolerance = Math.max(EVEN_MM, EVEN_SHARE * median!);
    const times = Math.round(step / median!);
    if (Math.abs(step - times * median!) > Math.max(tolerance, EVEN_SHARE * step)) {
      note(
        'warning',
        'uneven-spacing',
        place,
        `Two neighbours are ${step.toFixed(3)} mm apart, others ${median!.toFixed(3)} mm`,
      );
    } else if (times > 1) {
      note('warning', 'gap', place, `${times - 1} image(s) are missing in a gap of ${step.toFixed(3)} mm`);
    }
    const moved = subtract(positionLps, sorted[n]!.positionLps);
    const sideways = norm(subtract(moved, normal.map((axis) => axis * step) as unknown as Vec3));
    if (sideways > Math.max(EVEN_MM, EVEN_SHARE * step)) {
      note(
        'warning',
        'shifted-in-plane',
        place,
        `Two neighbours are shifted sideways by ${sideways.toFixed(3)} mm`,
      );
    }
  });
  const { stepMm } = axes;
  if (stepMm !== undefined && stepMm > 0 && median !== undefined) {
    if (Math.abs(stepMm - median) > Math.max(EVEN_MM, EVEN_SHARE * median)) {
      sorted[0]!.note(
        severity,
        'spacing',
        [...place.slice(0, -1), C.SpacingBetweenSlices],
        `Spacing Between Slices is ${stepMm} mm; the positions are ${median.toFixed(3)} mm apart`,
      );
    }
  }
  return sorted;
}
