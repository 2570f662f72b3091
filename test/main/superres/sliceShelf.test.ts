import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { heldBytes, SliceShelf } from '../../../src/main/superres/sliceShelf.ts';
import { randomImage } from '../../helpers/convModel.ts';
import { makeStack, noise } from './stacks.ts';

const stack = makeStack(noise(1), { slices: 6 });
const images = stack.slices.map((_, n) => randomImage(stack.rows, stack.columns, n));

function shelve(inMemoryBytes?: number): SliceShelf {
  const shelf = new SliceShelf(stack.rows * stack.columns, 6, inMemoryBytes);
  for (const [n, slice] of stack.slices.entries()) shelf.put(slice, images[n]!);
  return shelf;
}

describe('SliceShelf', () => {
  it.each([
    ['in memory', undefined],
    ['in a file', 1000],
  ])('gives the pixels, positions and sources back: %s', (_, inMemoryBytes) => {
    const { slices } = shelve(inMemoryBytes);
    expect(slices.map(({ pixels }) => pixels)).toEqual(images);
    expect([...slices].reverse().map(({ pixels }) => pixels)).toEqual([...images].reverse());
    expect(slices.map(({ positionLps, source }) => ({ positionLps, source }))).toEqual(
      stack.slices.map(({ positionLps, source }) => ({ positionLps, source })),
    );
    const copy = { ...slices[2]!, positionLps: [0, 0, 0] as const };
    expect(copy.pixels).toEqual(images[2]);
  });

  it('holds no memory for slices in a file', () => {
    expect(heldBytes({ ...stack, slices: shelve().slices })).toBe(4 * 24 * 20 * 6);
    expect(heldBytes({ ...stack, slices: shelve(1000).slices })).toBe(0);
  });

  it('does not grow with the number of slices', async () => {
    const pixels = 512 * 512;
    const shelf = new SliceShelf(pixels, 200, 1000);
    const slice = stack.slices[0]!;
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let n = 0; n < 200; n++) {
      shelf.put(slice, new Float32Array(pixels).fill(n));
      most = Math.max(most, shelf.slices[n]!.pixels[7]! - n);
    }
    expect(most).toBe(0);
    // 200 slices are 210 MB: all of them can be collected. When they are is the engine's choice: it is asked to.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await expect
      .poll(() => {
        collect();
        return process.memoryUsage().arrayBuffers - before;
      })
      .toBeLessThan(10e6);
  });
});
