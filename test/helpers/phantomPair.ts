import { makePhantom } from '../../src/core/phantom/makePhantom.ts';
import { scaleOf } from '../../src/core/volume/intensity.ts';
import { truncateKspace, zeroFill } from '../../src/core/volume/kspace.ts';

/** One slice of the digital head with all that a training knows of it, by the names of graph inputs. */
export type PhantomPair = Readonly<
  Record<'target' | 'zero_filled' | 'reference' | 'truth' | 'truth_2' | 'truth_4', Float32Array>
>;

/**
 * T2 truth and T1 reference of `rows × columns` pixels without noise, each scaled to about [0, 1], and what
 * is left of the truth where k-space is truncated to 1/`scale`. A thick slab makes smooth images.
 */
export function phantomPair(rows: number, columns: number, scale: 2 | 4, slabMm = 5): PhantomPair {
  const slice = (contrast: 't1' | 't2') => {
    const { slices } = makePhantom({
      contrast,
      rows,
      columns,
      slices: 1,
      fieldOfViewMm: [320, (320 * rows) / columns],
      sliceThicknessMm: slabMm,
      orientation: 'axial',
      noise: 0,
      seed: 1,
      lesions: 2,
    });
    const { pixels } = slices[0]!;
    const divisor = scaleOf(pixels);
    return pixels.map((value) => value / divisor);
  };
  const truth = slice('t2');
  const target = truncateKspace(truth, rows, columns, scale);
  return {
    target: target.pixels,
    zero_filled: zeroFill(target.pixels, target.rows, target.columns, rows, columns),
    reference: slice('t1'),
    truth,
    truth_2: truncateKspace(truth, rows, columns, 2).pixels,
    truth_4: truncateKspace(truth, rows, columns, 4).pixels,
  };
}
