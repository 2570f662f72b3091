import type { DisturbanceName } from '../../core/contract/evaluation.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { gridCentre } from '../../core/volume/grid.ts';
import { composeAffine, rigidAbout, rotationFromVector } from '../../core/volume/rigid.ts';
import { type SliceStack, stackNormal } from '../../core/volume/sliceStack.ts';
import { add, addScaled, dot, scale, subtract, type Vec3 } from '../../core/volume/vec.ts';
import type { Volume } from '../../core/volume/volume.ts';

/** A reference and where it lies: LPS points of the target to LPS points of the volume. */
export interface PlacedReference {
  readonly volume: Volume;
  readonly transform: Affine;
}

export interface DisturbedReference extends PlacedReference {
  readonly disturbance: DisturbanceName;
  /** In words, what was done. */
  readonly note: string;
}

/** The reference of another patient. */
export interface OtherPatient {
  readonly name: string;
  readonly volume: Volume;
}

const SHIFTS_MM = [1, 2, 3] as const;
const ROTATION_DEG = 2;
const NO_TURN = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const;

/**
 * The reference where it hurts: shifted along the rows of the target by 1, 2 and 3 mm, rotated in the plane
 * of the slices by 2° about the centre of the target, blank, and that of another patient, grid centre on
 * grid centre. Without another patient, the reference is mirrored front to back instead. All of it is done
 * to where the reference lies: its voxels are resampled once, as ever.
 */
export function* disturbReference(
  target: SliceStack,
  placed: PlacedReference,
  other: OtherPatient | undefined,
): Generator<DisturbedReference> {
  for (const mm of SHIFTS_MM) {
    // The target looks up its own points a step back, so that what it sees moves forward.
    const back = rigidAbout(NO_TURN, scale(target.iAxisLps, -mm), [0, 0, 0]);
    yield {
      disturbance: `shift-${mm}mm`,
      note: `shifted by ${mm} mm along the rows of the slices`,
      volume: placed.volume,
      transform: composeAffine(placed.transform, back),
    };
  }
  const angle = (-ROTATION_DEG * Math.PI) / 180;
  const turn = rigidAbout(
    rotationFromVector(scale(stackNormal(target), angle)),
    [0, 0, 0],
    stackCentre(target),
  );
  yield {
    disturbance: `rotate-${ROTATION_DEG}deg`,
    note: `rotated by ${ROTATION_DEG}° in the plane of the slices, about the centre of the target`,
    volume: placed.volume,
    transform: composeAffine(placed.transform, turn),
  };
  yield {
    disturbance: 'blank',
    note: 'with all its voxels 0',
    volume: { ...placed.volume, voxels: new Float32Array(placed.volume.voxels.length) },
    transform: placed.transform,
  };
  yield other === undefined ? mirrored(placed) : ofOtherPatient(placed, other);
}

function ofOtherPatient(placed: PlacedReference, other: OtherPatient): DisturbedReference {
  const offset = subtract(gridCentre(other.volume.grid), gridCentre(placed.volume.grid));
  return {
    disturbance: 'other-patient',
    note: `of another patient, ${other.name}, grid centre on grid centre`,
    volume: other.volume,
    transform: composeAffine(rigidAbout(NO_TURN, offset, [0, 0, 0]), placed.transform),
  };
}

function mirrored(placed: PlacedReference): DisturbedReference {
  const { grid } = placed.volume;
  return {
    disturbance: 'mirrored',
    note: 'mirrored front to back, for want of another patient',
    volume: placed.volume,
    transform: composeAffine(mirrorAbout(grid.axesLps[1], gridCentre(grid)), placed.transform),
  };
}

/** The reflection in the plane through `centre` with the unit normal `n`. */
function mirrorAbout(n: Vec3, centre: Vec3): Affine {
  const toPlane = 2 * dot(n, centre);
  const row = (r: 0 | 1 | 2) =>
    [
      (r === 0 ? 1 : 0) - 2 * n[r] * n[0],
      (r === 1 ? 1 : 0) - 2 * n[r] * n[1],
      (r === 2 ? 1 : 0) - 2 * n[r] * n[2],
      toPlane * n[r],
    ] as const;
  return [row(0), row(1), row(2)];
}

/** Centre of the box that the slices span. */
function stackCentre(stack: SliceStack): Vec3 {
  const first = stack.slices[0]!.positionLps;
  const last = stack.slices.at(-1)!.positionLps;
  const across = addScaled(
    scale(add(first, last), 0.5),
    stack.iAxisLps,
    ((stack.columns - 1) * stack.spacingMm[0]) / 2,
  );
  return addScaled(across, stack.jAxisLps, ((stack.rows - 1) * stack.spacingMm[1]) / 2);
}
