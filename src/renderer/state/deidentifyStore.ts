import { create } from 'zustand';
import type { ChangedAttribute, PixelWarning } from '../../core/contract/deidentification.ts';
import type { Result } from '../../core/contract/operations.ts';
import { DEIDENTIFY_OPTIONS, type DeidentifyOption } from '../../core/dicom/deidentify/options.ts';

const OF_DATES = ['retain-dates', 'shift-dates'] as const;
/** The options that are chosen one by one; of dates there is one choice of three. */
export const SINGLE_OPTIONS = DEIDENTIFY_OPTIONS.filter(
  (option): option is SingleOption => !OF_DATES.some((one) => one === option),
);
export type SingleOption = Exclude<DeidentifyOption, (typeof OF_DATES)[number]>;

/** How something is de-identified, as it stands in a form. */
export interface DeidentifyDraft {
  readonly dates: 'remove' | 'shift' | 'keep';
  readonly kept: readonly SingleOption[];
  /** Empty: the key is forgotten. */
  readonly keyFile: string;
}

export const NO_OPTIONS: DeidentifyDraft = { dates: 'remove', kept: [], keyFile: '' };

/** What a dry run found: of a folder, or of an export. */
export interface Changes {
  readonly files: number;
  readonly attributes: readonly ChangedAttribute[];
  readonly warnings: readonly PixelWarning[];
}

export interface DeidentifyState {
  /** The sheet that de-identifies a folder. */
  readonly isOpen: boolean;
  readonly path: string;
  readonly out: string;
  readonly draft: DeidentifyDraft;
  readonly result: Result<'deidentify'> | null;

  /** Whether and how the export is de-identified. */
  readonly exporting: boolean;
  readonly exportDraft: DeidentifyDraft;
  readonly preview: Changes | null;
}

export const INITIAL_DEIDENTIFY: DeidentifyState = {
  isOpen: false,
  path: '',
  out: '',
  draft: NO_OPTIONS,
  result: null,
  exporting: false,
  exportDraft: NO_OPTIONS,
  preview: null,
};

export const useDeidentify = create<DeidentifyState>()(() => INITIAL_DEIDENTIFY);

export function setDeidentify(change: Partial<DeidentifyState>): void {
  useDeidentify.setState(change);
}
