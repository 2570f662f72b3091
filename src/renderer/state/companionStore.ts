import { create } from 'zustand';
import type { ValidationReport } from '../../core/contract/validating.ts';

/** What can be exported of a study without enhancing anything. */
export const COMPANION_KINDS = [
  'segmentation',
  'parametric-map',
  'spatial-registration',
  'measurement-report',
  'nifti',
] as const;
export type CompanionKind = (typeof COMPANION_KINDS)[number];

/** One label of a labelmap, by the name that it has. */
export interface SegmentDraft {
  readonly value: string;
  readonly meaning: string;
}

/** An export as it stands in the form: every field of every kind, so that switching loses nothing. */
export interface CompanionDraft {
  readonly kind: CompanionKind;
  readonly series: string;
  readonly reference: string;
  /** Labelmap, map, transform or measurements: a path on the workstation's machine. */
  readonly input: string;
  readonly segments: readonly SegmentDraft[];
  readonly quantity: string;
  readonly units: string;
  readonly deidentify: boolean;
  readonly out: string;
}

export interface CompanionState {
  readonly isOpen: boolean;
  readonly draft: CompanionDraft;
  readonly written: {
    readonly files: readonly string[];
    readonly validation: ValidationReport | null;
  } | null;
}

export const INITIAL_COMPANION: CompanionState = {
  isOpen: false,
  draft: {
    kind: 'segmentation',
    series: '',
    reference: '',
    input: '',
    segments: [{ value: '1', meaning: 'lesion' }],
    quantity: 'uncertainty',
    units: '1',
    deidentify: false,
    out: '',
  },
  written: null,
};

export const useCompanion = create<CompanionState>()(() => INITIAL_COMPANION);

export function setCompanion(change: Partial<CompanionState>): void {
  useCompanion.setState(change);
}
