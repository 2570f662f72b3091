import { describe, expect, it } from 'vitest';
import { chooseSliceAxis, volumeToStack } from '../../../../src/core/volume/convert.ts';
import { gridFromAffine } from '../../../../src/core/volume/grid.ts';
import { scaleOf } from '../../../../src/core/volume/intensity.ts';
import { truncateKspace } from '../../../../src/core/volume/kspace.ts';
import type { Volume } from '../../../../src/core/volume/volume.ts';
import { pairStacks } from '../../../../src/main/training/data/pairStacks.ts';

/** Slices of 0.5 mm pixels, 4 mm apart, whose values are a smooth function of the place in the patient. */
function volume(rows: number, columns: number, mm: number): Volume {
  const grid = gridFromAffine(
    [columns, rows, 3],
    [
      [-mm, 0, 0, 0],
      [0, -mm, 0, 0],
      [0, 0, 4, 0],
    ],
  );
  const voxels = Float32Array.from({ length: 3 * rows * columns }, (_, n) => {
    const [i, j] = [n % columns, Math.floor(n / columns) % rows];
    return 100 + 60 * Math.sin((i * mm) / 4) * Math.cos((j * mm) / 5);
  });
  return { grid, voxels };
}

describe('slices reduced to coarser pixels', () => {
  const target = volume(96, 64, 0.5);
  const stacks = pairStacks({ target, reference: volume(96, 64, 0.5) }, 'acquired', [0.25, 0.55, 1]);

  it('are made for sizes that are clearly coarser, beside the slices as acquired', () => {
    expect(stacks.map(({ reducedToMm, rows, columns }) => [reducedToMm, rows, columns])).toEqual([
      [undefined, 96, 64],
      [1, 48, 32],
    ]);
    expect(stacks[1]!.spacingMm).toEqual([1, 1]);
    expect(stacks[1]!.sliceThicknessMm).toBeCloseTo(4, 9);
    expect(stacks[1]!.places).toEqual(stacks[0]!.places);
  });

  it('are the truncated k-space of those acquired', () => {
    const stack = volumeToStack(target, chooseSliceAxis(target.grid));
    const scale = scaleOf(target.voxels);
    const { truth } = stacks[1]!.slice(1);
    const expected = truncateKspace(stack.slices[1]!.pixels, 96, 64, 2).pixels.map((value) => value / scale);
    expect(Array.from(truth)).toEqual(Array.from(expected));
  });

  it('have the reference where it lies in the patient', () => {
    const { truth, reference } = stacks[1]!.slice(1);
    let worst = 0;
    for (let row = 4; row < 44; row++) {
      for (let column = 4; column < 28; column++) {
        const at = row * 32 + column;
        worst = Math.max(worst, Math.abs(truth[at]! - reference![at]!));
      }
    }
    // Both are the same function: what is left is what reducing does to its ends, and linear interpolation.
    expect(worst).toBeLessThan(0.05);
  });
});
