import type { TrainingSettings } from '../../training/settings.ts';

/** How slices are varied. All that is drawn comes from the training's own generator. */
export interface SegmentationAugmentation {
  /** Turned by up to so many degrees, either way. */
  readonly rotationDeg: number;
  /** Made larger or smaller by factors in this range, drawn log-uniformly. */
  readonly zoom: readonly [number, number];
  /** Normalised values become gain · z + offset, per contrast. */
  readonly gain: readonly [number, number];
  readonly offset: readonly [number, number];
  /** Standard deviations of noise are drawn from this range. */
  readonly noise: readonly [number, number];
  /** The bias field's largest relative change over the image: exp of a polynomial of the second degree. */
  readonly bias: number;
  /** Share of slices that are truncated in k-space by 2 or 4 and zero-filled: what interpolated scans look like. */
  readonly degraded: number;
  /** Share of slices whose second and later contrasts are left out. */
  readonly without: number;
}

export const SEGMENTATION_AUGMENTATION: SegmentationAugmentation = {
  rotationDeg: 20,
  zoom: [0.8, 1.25],
  gain: [0.7, 1.4],
  offset: [-0.5, 0.5],
  noise: [0, 0.15],
  bias: 0.3,
  degraded: 0.25,
  without: 0.15,
};

/** What decides the course of a training that segments, with the cases. */
export interface SegmentationSettings
  extends Pick<
    TrainingSettings,
    | 'network'
    | 'options'
    | 'steps'
    | 'minutes'
    | 'batch'
    | 'patch'
    | 'learningRate'
    | 'seed'
    | 'weightDecay'
    | 'clipNorm'
    | 'ema'
    | 'emaStart'
    | 'schedule'
    | 'warmUp'
    | 'shards'
    | 'validateEvery'
    | 'patience'
    | 'keep'
  > {
  /** SHA-256 of the package's weights that it begins with. */
  readonly init?: string | undefined;
  readonly contrasts: number;
  /** Share of patches of cases without tumour. */
  readonly negatives: number;
  readonly augmentation: SegmentationAugmentation;
}
