import { create } from 'zustand';
import { useApp } from './store.ts';

/** Something that was done to the study's annotations or alignment and can be taken back. */
export interface Step {
  /** In words, for “Undo: …”. */
  readonly label: string;
  /** Does it, the first time and again. */
  apply(): void;
  /** Puts back what was before. */
  revert(): void;
  /** Steps in a row with the same name within a second are one: a held key, a drag. */
  readonly merge?: string;
}

export interface HistoryState {
  /** Oldest first. */
  readonly done: readonly Step[];
  /** The next to be done again last. */
  readonly undone: readonly Step[];
}

/** More than anybody goes back, and little memory. */
export const KEPT_STEPS = 200;
const MERGED_WITHIN_MS = 1000;

const EMPTY: HistoryState = { done: [], undone: [] };

export const useHistory = create<HistoryState>()(() => EMPTY);

let lastAtMs = Number.NEGATIVE_INFINITY;

/** Does a step and keeps it. One whose `apply` throws is not kept, and the error goes on to the caller. */
export function perform(step: Step): void {
  step.apply();
  const now = performance.now();
  const { done, undone } = useHistory.getState();
  const last = done.at(-1);
  const merges =
    last !== undefined &&
    undone.length === 0 &&
    step.merge !== undefined &&
    last.merge === step.merge &&
    now - lastAtMs < MERGED_WITHIN_MS;
  lastAtMs = now;
  const kept: Step = merges ? { ...step, revert: () => last.revert() } : step;
  const before = merges ? done.slice(0, -1) : done;
  useHistory.setState({ done: [...before, kept].slice(-KEPT_STEPS), undone: [] });
}

/** Takes the last step back; nothing where there is none. */
export function undo(): void {
  const { done, undone } = useHistory.getState();
  const step = done.at(-1);
  if (step === undefined) return;
  lastAtMs = Number.NEGATIVE_INFINITY;
  useHistory.setState({ done: done.slice(0, -1), undone: [...undone, step] });
  step.revert();
}

/** Does the last step that was taken back again; nothing where there is none. */
export function redo(): void {
  const { done, undone } = useHistory.getState();
  const step = undone.at(-1);
  if (step === undefined) return;
  lastAtMs = Number.NEGATIVE_INFINITY;
  useHistory.setState({ done: [...done, step], undone: undone.slice(0, -1) });
  step.apply();
}

export function clearHistory(): void {
  useHistory.setState(EMPTY);
}

// Steps are about the images of one study: in another they would change what is not shown.
useApp.subscribe((state, before) => {
  if (state.studyUid !== before.studyUid || state.paths !== before.paths) clearHistory();
});
