import type { RequestInput } from '../../core/contract/operations.ts';
import { toErrorData } from '../../core/errors.ts';
import { setTuning, type TuningDraft, useTuning } from './finetuneStore.ts';
import { cancelQueued, type FinetuneJob, isFinetune, retryQueued, submitOrders, useQueue } from './queue.ts';
import { runJob, workstation } from './session.ts';
import { type ModelSummary, useApp } from './store.ts';

/** The fine-tunings of the queue, those that go on first. */
export function tuningJobs(): FinetuneJob[] {
  return useQueue.getState().jobs.filter(isFinetune);
}

/** The model of the draft: the chosen one, else the first that enhances with a reference. */
export function baseOf(draft: TuningDraft, models: readonly ModelSummary[]): ModelSummary | undefined {
  return (
    models.find(({ id }) => id === draft.base) ??
    models.find(({ usesReference, standing }) => usesReference && standing.isDefault) ??
    models[0]
  );
}

function contrastsOf(draft: TuningDraft): { readonly target?: string; readonly reference?: string } {
  return {
    ...(draft.target !== '' && { target: draft.target }),
    ...(draft.reference !== '' && { reference: draft.reference }),
  };
}

/** Looks at what lies in the folders: cases, and why others are left out. */
export async function lookAtCases(): Promise<void> {
  const { draft } = useTuning.getState();
  const base = baseOf(draft, useApp.getState().models);
  const reference = draft.reference || base?.reference || undefined;
  const request: RequestInput<'finetuneCases'> = {
    sources: [...draft.folders],
    target: draft.target || base?.target,
    registration: draft.registration,
    ...(base?.usesReference === true && reference !== undefined && { reference }),
  };
  const found = await runJob('tuning', (options) => workstation().call('finetuneCases', request, options));
  if (found !== undefined) setTuning({ found });
}

/** Measures what the run of the form would take. */
export async function planTuning(): Promise<void> {
  const request = requestOf();
  if (request === undefined) return;
  const { out, ...what } = request;
  const plan = await runJob('tuning', (options) =>
    workstation().call('finetunePlan', { ...what, ...(out !== '' && { out }) }, options),
  );
  if (plan !== undefined) setTuning({ plan });
}

/** The run of the form; undefined where there is no model to begin with. */
function requestOf(): RequestInput<'finetune'> | undefined {
  const { draft } = useTuning.getState();
  const base = baseOf(draft, useApp.getState().models);
  if (base === undefined) return undefined;
  const { folders, registration, change, hours, device, out } = draft;
  return {
    ...contrastsOf(draft),
    ...{ registration, change, hours, device },
    base: base.path,
    cases: [...folders],
    out: out.trim(),
  };
}

/** Puts the run of the form into the queue, and watches it. */
export async function startTuning(): Promise<void> {
  const request = requestOf();
  if (request === undefined) return;
  setTuning({ error: undefined });
  try {
    const [job] = await submitOrders([{ order: { kind: 'finetune', request } }]);
    if (job !== undefined) watchRun(job.id);
  } catch (error) {
    setTuning({ error: toErrorData(error) });
  }
}

/** Looks at a run of the queue; null: at the form of a new one. */
export function watchRun(jobId: string | null): void {
  setTuning({ jobId, status: undefined, error: undefined });
}

/** Asks how far the watched run is. */
export async function readStatus(): Promise<void> {
  const { jobId } = useTuning.getState();
  const job = tuningJobs().find(({ id }) => id === jobId);
  if (job === undefined) return;
  try {
    const status = await workstation().call('finetuneStatus', { out: job.order.request.out });
    if (useTuning.getState().jobId === jobId) setTuning({ status });
  } catch (error) {
    setTuning({ error: toErrorData(error) });
  }
}

/** Asks the run to pause, or to stop and keep the best weights so far. */
export async function controlRun(job: FinetuneJob, action: 'pause' | 'finish'): Promise<void> {
  try {
    await workstation().call('finetuneControl', { out: job.order.request.out, action });
    await readStatus();
  } catch (error) {
    setTuning({ error: toErrorData(error) });
  }
}

/** Goes on where the run was: a fine-tuning that is tried again loses nothing. */
export async function resumeRun(job: FinetuneJob): Promise<void> {
  await retryQueued(job.id);
}

export async function cancelRun(job: FinetuneJob): Promise<void> {
  await cancelQueued(job.id);
}
