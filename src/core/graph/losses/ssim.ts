import { add, div, mul, sub } from '../operators/arithmetic.ts';
import { concat } from '../operators/concat.ts';
import { mean } from '../operators/reduce.ts';
import { separable, windowMeans } from '../operators/separable.ts';
import { split } from '../operators/split.ts';
import { ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { fitOneShape } from './oneShape.ts';

const WINDOW = 7;
const SAMPLES = WINDOW * WINDOW;

/**
 * Mean structural similarity of a and b [N, C, H, W], a scalar: Wang, Bovik, Sheikh, Simoncelli, "Image quality
 * assessment", 2004, as scikit-image and the fastMRI evaluation compute it: 7×7 uniform window, unbiased
 * (co)variances (×49/48), K₁ = 0.01, K₂ = 0.03, averaged over images, channels and pixels at least 3 from the
 * border. It is the measure of core/volume/metrics.ts, where `dataRange` is the maximum of the true volume.
 */
export function ssim(a: Tensor, b: Tensor, dataRange: number): Tensor {
  const [, channels, rows, columns] = a.shape as [number, number, number, number];
  fitOneShape('ssim', a, b);
  a.graph.checked('ssim', [a, b], () => {
    if (a.shape.length !== 4 || rows < WINDOW || columns < WINDOW) {
      throw new ShapeError(`it takes images [N, C, H, W] of ${WINDOW} × ${WINDOW} pixels or more`);
    }
    if (!(dataRange > 0)) throw new ShapeError(`intensities have no range of ${dataRange}`);
  });
  const moments = separable(
    concat([a, b, mul(a, a), mul(b, b), mul(a, b)], 1),
    windowMeans(rows, WINDOW),
    windowMeans(columns, WINDOW),
  );
  const [meanA, meanB, meanAA, meanBB, meanAB] = split(moments, new Array<number>(5).fill(channels), 1) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const product = mul(meanA, meanB);
  const squares = add(mul(meanA, meanA), mul(meanB, meanB));
  const unbiased = SAMPLES / (SAMPLES - 1);
  const covariance = mul(sub(meanAB, product), 2 * unbiased);
  const variances = mul(sub(add(meanAA, meanBB), squares), unbiased);
  const c1 = (0.01 * dataRange) ** 2;
  const c2 = (0.03 * dataRange) ** 2;
  const luminance = div(add(mul(product, 2), c1), add(squares, c1));
  const structure = div(add(covariance, c2), add(variances, c2));
  return mean(mul(luminance, structure));
}

/** 1 − `ssim`: a scalar. */
export function ssimLoss(a: Tensor, b: Tensor, dataRange: number): Tensor {
  return sub(a.graph.constant(1), ssim(a, b, dataRange));
}
