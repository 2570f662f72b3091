import type { QueuedJob } from '../../core/contract/jobs.ts';
import type { Enhancement } from '../../core/contract/library.ts';
import { TandemError } from '../../core/errors.ts';
import { suggestedFolder } from './enhanceActions.ts';
import { clearJob, runJob, workstation } from './session.ts';
import { currentStudy, type EnhanceResult, setApp, type Task, useApp } from './store.ts';
import { openStudyAt } from './studyActions.ts';
import { forgetEnhancedVolumes, forgetVolumes } from './viewActions.ts';

/** An enhanced series with what it was made of. */
export interface KnownResult {
  readonly result: EnhanceResult;
  readonly scale: 2 | 4;
  readonly targetUid: string;
  readonly referenceUid: string | null;
}

/** Shows an enhanced series beside its pair, which becomes the chosen one. The study must be open. */
export function showResult(known: KnownResult, task: Task = 'review'): void {
  const { targetUid, referenceUid } = useApp.getState();
  if (targetUid !== known.targetUid || referenceUid !== known.referenceUid) forgetVolumes();
  else forgetEnhancedVolumes();
  clearJob('export');
  setApp({ targetUid: known.targetUid, referenceUid: known.referenceUid });
  setApp({
    enhanced: known,
    exported: null,
    exportFolder: suggestedFolder(useApp.getState(), known.result.model),
    task,
  });
}

/** The result of a job that is done; undefined where it has none that can be shown. */
export function resultOf({ result, subject, order }: QueuedJob): KnownResult | undefined {
  if (result === null || subject === null || order.kind !== 'enhance') return undefined;
  const { targetUid, referenceUid } = subject;
  return { result, scale: order.request.scale, targetUid, referenceUid };
}

/** Opens what a job made: its study first, where another one is open. */
export async function openJobResult(job: QueuedJob): Promise<boolean> {
  const known = resultOf(job);
  const studyUid = job.subject?.studyUid;
  if (known === undefined || studyUid === undefined || job.order.kind !== 'enhance') return false;
  return openKnown(known, studyUid, [...job.order.request.target.paths]);
}

/** Opens a stored result of the library's history. */
export async function openEnhancement(made: Enhancement): Promise<boolean> {
  const found = await runJob('open', async (options) => {
    const { result } = await workstation().call('libraryEnhancement', { id: made.id }, options);
    if (result !== null) return result;
    throw new TandemError('series-not-found', 'How this result was made is not known any more', {
      hint: 'Enhance again; the same model and series give the same result.',
    });
  });
  if (found === undefined) return false;
  const { scale, targetUid, referenceUid } = made;
  return openKnown({ result: found, scale, targetUid, referenceUid }, made.studyUid, []);
}

async function openKnown(known: KnownResult, studyUid: string, paths: readonly string[]): Promise<boolean> {
  if (currentStudy(useApp.getState())?.uid !== studyUid) {
    if (!(await openStudyAt({ studyUid, paths, task: 'review' }))) return false;
  }
  showResult(known);
  return true;
}
