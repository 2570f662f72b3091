import { sampleLattice, type VoxelGrid } from '../volume/sampleAt.ts';
import { type SliceStack, slicePositionsMm } from '../volume/sliceStack.ts';
import { addScaled, scale, type Vec3 } from '../volume/vec.ts';
import { diceOfSlices, diceOfVolume, type Masks, meanOfKnown } from './overlap.ts';
import { hausdorff95 } from './surfaceDistance.ts';

/**
 * The mask of a labelmap on the slices of a stack, wherever its own voxels lie: a pixel is marked where the voxel
 * that its centre lies in has one of these labels. Where the labelmap ends, nothing is marked.
 * @param values labels that count; all but 0 where absent
 */
export function maskOnSlices(
  labels: VoxelGrid,
  stack: SliceStack,
  values?: ReadonlySet<number>,
): Uint8Array[] {
  const { rows, columns, spacingMm } = stack;
  return stack.slices.map(({ positionLps }) => {
    const lattice = {
      originLps: positionLps,
      columnStepLps: scale(stack.iAxisLps, spacingMm[0]),
      rowStepLps: scale(stack.jAxisLps, spacingMm[1]),
      columns,
      rows,
      slice: undefined,
    };
    const found = sampleLattice(labels, lattice, 'nearest');
    return Uint8Array.from(found, (value) =>
      // Outside the labelmap there is NaN.
      Number(values === undefined ? value > 0 : values.has(value)),
    );
  });
}

/**
 * The slices that segmentations on different grids are compared on: two points for a pixel in each direction, at a
 * quarter of it from its centre. Where an enhanced grid and that of its target share their first sample, every other
 * enhanced pixel has its centre on the edge between two acquired ones and belongs to neither: each of these points
 * lies within one pixel of both, and stands for the area around it.
 */
export function finerSlices(stack: SliceStack): SliceStack {
  const { spacingMm, iAxisLps, jAxisLps } = stack;
  return {
    ...stack,
    columns: 2 * stack.columns,
    rows: 2 * stack.rows,
    spacingMm: [spacingMm[0] / 2, spacingMm[1] / 2],
    slices: stack.slices.map(({ positionLps }) => ({
      positionLps: addScaled(
        addScaled(positionLps, iAxisLps, -spacingMm[0] / 4),
        jAxisLps,
        -spacingMm[1] / 4,
      ),
      pixels: new Float32Array(0),
    })),
  };
}

/** The middle of each slice of a stack (LPS, mm). */
export function sliceCentres({ slices, rows, columns, spacingMm, iAxisLps, jAxisLps }: SliceStack): Vec3[] {
  const [right, down] = [((columns - 1) * spacingMm[0]) / 2, ((rows - 1) * spacingMm[1]) / 2];
  return slices.map(({ positionLps }) => addScaled(addScaled(positionLps, iAxisLps, right), jAxisLps, down));
}

/** How two masks on the same slices agree: Dice per volume and per slice, and the 95 % Hausdorff distance. */
export interface MaskAgreement {
  readonly dice: number;
  readonly hd95Mm: number | null;
  readonly diceSlices: number | null;
  readonly curve: readonly (number | null)[];
}

/** Two masks on the slices of a stack. Throws `bad-geometry` for masks of different sizes. */
export function agreementOfMasks(a: Masks, b: Masks, stack: SliceStack): MaskAgreement {
  const curve = diceOfSlices(a, b);
  return {
    dice: diceOfVolume(a, b),
    hd95Mm: hausdorff95(a, b, { ...stack, positionsMm: slicePositionsMm(stack) }),
    diceSlices: meanOfKnown(curve),
    curve,
  };
}
