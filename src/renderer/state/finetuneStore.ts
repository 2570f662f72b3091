import { create } from 'zustand';
import type { FinetunePlan } from '../../core/contract/finetune.ts';
import type { Result } from '../../core/contract/operations.ts';
import type { ContrastName, DeviceChoice } from '../../core/contract/schemas.ts';
import type { ErrorData } from '../../core/errors.ts';

export type FoundTuningCases = Result<'finetuneCases'>;
export type TuningStatus = Result<'finetuneStatus'>;

export const TUNING_REGISTRATIONS = ['auto', 'headers', 'headers-unchecked'] as const;

/** A run as it stands in the form. */
export interface TuningDraft {
  readonly folders: readonly string[];
  /** The id of the base; the first that fits where empty. */
  readonly base: string;
  readonly change: 'all' | 'last-stages';
  /** Empty: as the card of the base says. */
  readonly target: ContrastName | '';
  readonly reference: ContrastName | '';
  /** How the reference of a case is laid onto its target. */
  readonly registration: (typeof TUNING_REGISTRATIONS)[number];
  readonly hours: number;
  readonly device: DeviceChoice;
  readonly out: string;
}

export interface TuningState {
  readonly draft: TuningDraft;
  /** What was found in the folders of the draft; undefined before they were looked at. */
  readonly found: FoundTuningCases | undefined;
  /** What a run of the draft would take; undefined before it was measured. */
  readonly plan: FinetunePlan | undefined;
  /** The job that is watched; null for a new run. */
  readonly jobId: string | null;
  readonly status: TuningStatus | undefined;
  readonly error: ErrorData | undefined;
  /** What the studies among the sources are called. */
  readonly studyNames: Readonly<Record<string, string>>;
}

export const INITIAL_TUNING: TuningState = {
  draft: {
    folders: [],
    base: '',
    change: 'all',
    target: '',
    reference: '',
    registration: 'auto',
    hours: 8,
    device: 'cpu',
    out: '',
  },
  found: undefined,
  plan: undefined,
  jobId: null,
  status: undefined,
  error: undefined,
  studyNames: {},
};

export const useTuning = create<TuningState>()(() => INITIAL_TUNING);

export function setTuning(change: Partial<TuningState>): void {
  useTuning.setState(change);
}

const DECIDES_CASES = new Set(['folders', 'target', 'reference', 'base', 'registration']);

/** Changes the form; what was found in other folders or for another pair holds no longer. */
export function changeDraft(change: Partial<TuningDraft>): void {
  const { draft, found } = useTuning.getState();
  // A field that is left tells its value once more: what was found and planned for it still holds.
  if ((Object.keys(change) as (keyof TuningDraft)[]).every((name) => change[name] === draft[name])) return;
  const keeps = Object.keys(change).every((name) => !DECIDES_CASES.has(name));
  setTuning({
    draft: { ...draft, ...change },
    found: keeps ? found : undefined,
    plan: undefined,
    error: undefined,
  });
}
