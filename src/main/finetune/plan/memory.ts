import type { LessMemory } from '../../../core/contract/finetune.ts';
import { TandemError, toErrorData } from '../../../core/errors.ts';
import { trainingBudgetMb } from '../../runtime/memory.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import { checkMemory, stepMemoryMb } from '../../training/stepModel.ts';

const LEAST_PATCH = 32;
/** Patches are kept multiples of this: of every scale, and of what networks halve. */
const PATCH_STEP = 16;
const MOST_TOLD = 3;

/**
 * Changes with which a training would need no more than the budget, those that change least first: blocks computed
 * again (the same weights), smaller batches, smaller patches, then the last stages alone.
 */
export function whatWouldFit(settings: TrainingSettings, budgetMb: number): LessMemory[] {
  const found: LessMemory[] = [];
  for (const change of changes(settings)) {
    const memoryMb = stepMemoryMb(change);
    if (memoryMb > budgetMb) continue;
    found.push({
      words: wordsOf(settings, change),
      change: change.lastStages ? 'last-stages' : 'all',
      batch: change.batch,
      patch: change.patch,
      recompute: change.recompute === 'blocks',
      memoryMb: Math.round(memoryMb),
    });
    if (found.length === MOST_TOLD) break;
  }
  return found;
}

/** Throws `out-of-memory`, saying what would fit, where there is too little for the run. */
export function requireMemory(settings: TrainingSettings, budgetMb: number = trainingBudgetMb()): void {
  try {
    checkMemory(settings, budgetMb);
  } catch (error) {
    const { code, message } = toErrorData(error);
    if (code !== 'out-of-memory') throw error;
    const fitting = whatWouldFit(settings, budgetMb);
    throw new TandemError(code, message, {
      hint:
        fitting.length === 0
          ? 'Nothing smaller would fit either: close other programs, or tune a smaller network.'
          : `What would fit: ${fitting.map(({ words, memoryMb }) => `${words} (${memoryMb} MB)`).join('; ')}.`,
      cause: error,
    });
  }
}

function changes(settings: TrainingSettings): TrainingSettings[] {
  const again: TrainingSettings = { ...settings, recompute: 'blocks' };
  const batches: TrainingSettings[] = [];
  for (let batch = Math.floor(settings.batch / 2); batch >= 1; batch = Math.floor(batch / 2)) {
    batches.push(batchOf(settings, batch));
  }
  const patches: TrainingSettings[] = [];
  for (let patch = settings.patch - PATCH_STEP; patch >= LEAST_PATCH; patch -= PATCH_STEP) {
    patches.push({ ...settings, patch });
  }
  const smallest = (from: TrainingSettings) =>
    patches.map(({ patch }) => ({ ...batchOf(from, 1), patch, recompute: again.recompute }));
  const last: TrainingSettings = { ...settings, lastStages: true };
  const all = [
    again,
    ...batches,
    ...batches.map((one) => ({ ...one, recompute: again.recompute })),
    ...patches,
    ...smallest(settings),
    last,
    ...smallest(last),
  ];
  const same = JSON.stringify(settings);
  return all.filter((one) => JSON.stringify(one) !== same);
}

/** With no more shards than images. */
function batchOf(settings: TrainingSettings, batch: number): TrainingSettings {
  const { shards } = settings;
  const fits = shards !== undefined && batch % shards === 0;
  return { ...settings, batch, shards: fits ? shards : undefined };
}

function wordsOf(from: TrainingSettings, to: TrainingSettings): string {
  return [
    ...(to.lastStages !== from.lastStages ? ['--last-stages'] : []),
    ...(to.recompute !== from.recompute ? ['--recompute'] : []),
    ...(to.batch !== from.batch ? [`--batch ${to.batch}`] : []),
    ...(to.patch !== from.patch ? [`--patch ${to.patch}`] : []),
  ].join(' ');
}
