import { create } from 'zustand';
import type { ModelsReport } from '../../core/contract/modelStates.ts';

/** What is asked to be done with the chosen model. */
export type StateChange = 'accept' | 'retire' | 'rollBack';

export const MODELS_PAGES = ['list', 'finetune'] as const;

export interface ModelsState {
  readonly isOpen: boolean;
  readonly page: (typeof MODELS_PAGES)[number];
  /** The id of the model that is looked at. */
  readonly chosen: string | null;
  /** What is being confirmed. */
  readonly change: StateChange | null;
  readonly notes: string;
  readonly importFrom: string;
  /** The acceptance report that is being read. */
  readonly report: ModelsReport | null;
  /** How the last deed ended, in words. */
  readonly said: string;
}

export const INITIAL_MODELS: ModelsState = {
  isOpen: false,
  page: 'list',
  chosen: null,
  change: null,
  notes: '',
  importFrom: '',
  report: null,
  said: '',
};

export const useModels = create<ModelsState>()(() => INITIAL_MODELS);

export function setModels(change: Partial<ModelsState>): void {
  useModels.setState(change);
}
