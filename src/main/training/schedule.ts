/** Steps over which the learning rate rises from 0. */
export const WARM_UP_STEPS = 100;
/** What is left of the learning rate at the last step. */
const FINAL_SHARE = 0.01;

/**
 * The learning rate of a step (counted from 0): a linear rise, then a half cosine down to 1 % of `peak`
 * (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts).
 */
export function learningRateAt(step: number, steps: number, peak: number): number {
  const warmUp = Math.min(WARM_UP_STEPS, Math.floor(steps / 10));
  if (step < warmUp) return (peak * (step + 1)) / warmUp;
  const progress = (step - warmUp) / Math.max(1, steps - warmUp);
  return peak * (FINAL_SHARE + ((1 - FINAL_SHARE) * (1 + Math.cos(Math.PI * progress))) / 2);
}
