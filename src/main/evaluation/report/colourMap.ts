/**
 * Inferno, matplotlib's perceptually uniform colour map (van der Walt & Smith, CC0), as the polynomial that
 * M. Zucker fitted to each channel (CC0, shadertoy WlfXRN); within 0.02 of the table.
 */
const INFERNO = [
  [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
  [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
  [11.60249308247187, -3.972853965665698, -15.9423941062914],
  [-41.70399613139459, 17.43639888205313, 44.35414519872813],
  [77.162935699427, -33.40235894210092, -81.80730925738993],
  [-71.31942824499214, 32.62606426397723, 73.20951985803202],
  [25.13112622477341, -12.24266895238567, -23.07032500287172],
] as const;

/** Inferno at 256 steps from 0 to 1: RGB, 8 bits. */
export const inferno: readonly (readonly [number, number, number])[] = Array.from(
  { length: 256 },
  (_, step) => {
    const channel = (c: 0 | 1 | 2): number => {
      const value = INFERNO.reduceRight((sum, coefficients) => sum * (step / 255) + coefficients[c], 0);
      return Math.round(255 * Math.min(1, Math.max(0, value)));
    };
    return [channel(0), channel(1), channel(2)] as const;
  },
);
