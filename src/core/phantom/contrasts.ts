import { TISSUES, type Tissue } from './tissues.ts';

/** A pulse sequence as the phantom plays it, with the DICOM terms for it. */
export interface Sequence {
  readonly description: string;
  /** DICOM Scanning Sequence (0018,0020). */
  readonly scanningSequence: readonly string[];
  readonly trMs: number;
  readonly teMs: number;
  readonly tiMs: number | undefined;
}

export type PhantomContrast = 't1' | 't2' | 'pd' | 'flair';

export const SEQUENCES: Readonly<Record<PhantomContrast, Sequence>> = {
  t1: { description: 'T1 SE', scanningSequence: ['SE'], trMs: 500, teMs: 10, tiMs: undefined },
  t2: { description: 'T2 SE', scanningSequence: ['SE'], trMs: 5000, teMs: 90, tiMs: undefined },
  pd: { description: 'PD SE', scanningSequence: ['SE'], trMs: 5000, teMs: 15, tiMs: undefined },
  flair: { description: 'FLAIR IR', scanningSequence: ['SE', 'IR'], trMs: 9000, teMs: 100, tiMs: 2500 },
};

/** Stored value of a tissue that gives the full signal (PD 1, no relaxation). */
export const FULL_SIGNAL = 2000;

/**
 * Magnitude signal of a tissue, 0 to 1. Spin echo: PD (1 − e^(−TR/T1)) e^(−TE/T2); inversion recovery:
 * PD |1 − 2 e^(−TI/T1) + e^(−TR/T1)| e^(−TE/T2) (Bernstein, King, Zhou, Handbook of MRI Pulse Sequences,
 * sections 14.2 and 14.3).
 */
export function tissueSignal(tissue: Tissue, sequence: Sequence): number {
  const recovery = Math.exp(-sequence.trMs / tissue.t1Ms);
  const longitudinal =
    sequence.tiMs === undefined
      ? 1 - recovery
      : Math.abs(1 - 2 * Math.exp(-sequence.tiMs / tissue.t1Ms) + recovery);
  return tissue.pd * longitudinal * Math.exp(-sequence.teMs / tissue.t2Ms);
}

/** Signal of every tissue label in a contrast, in stored units. */
export function signalTable(contrast: PhantomContrast): Float64Array {
  return Float64Array.from(TISSUES, (tissue) => FULL_SIGNAL * tissueSignal(tissue, SEQUENCES[contrast]));
}
