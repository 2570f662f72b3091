import type { QueuedJob } from '../../core/contract/jobs.ts';
import type { Enhancement } from '../../core/contract/library.ts';
import { TandemError } from '../../core/errors.ts';
import { useQueue } from './queue.ts';
import { resultOf } from './queuedRun.ts';
import { clearJob, runJob, workstation } from './session.ts';
import { currentStudy, type Enhanced, setApp, type Task, useApp } from './store.ts';
import { openStudyAt } from './studyActions.ts';
import { suggestedFolder } from './suggestedFolder.ts';
import { mayLoseCorrections } from './unsaved.ts';
import { forgetEnhancedVolumes, forgetVolumes } from './viewActions.ts';

/** Shows an enhanced series beside its pair, which becomes the chosen one. The study must be open. */
export function showResult(known: Enhanced, task: Task = 'review'): void {
  const { targetUid, referenceUid } = useApp.getState();
  const isOfTarget = targetUid === known.targetUid;
  // What was made of the target alone belongs to every pair of it.
  const shownReference = known.referenceUid ?? (isOfTarget ? referenceUid : null);
  if (!isOfTarget || referenceUid !== shownReference) forgetVolumes();
  else forgetEnhancedVolumes();
  clearJob('export');
  setApp({ targetUid: known.targetUid, referenceUid: shownReference });
  setApp({
    enhanced: known,
    exported: null,
    exportFolder: suggestedFolder(useApp.getState(), known.result.model),
    task,
  });
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

/** Shows another stored result of the pair in the place of the one that is shown; the task stays. */
export async function chooseResult(id: string): Promise<void> {
  const { task: here } = useApp.getState();
  // One that could not be stored is in no history.
  const job = useQueue.getState().jobs.find(({ result }) => result?.id === id);
  const known = job === undefined ? undefined : resultOf(job);
  if (known !== undefined) {
    showResult(known, here);
    return;
  }
  const found = await runJob('open', (options) => workstation().call('libraryEnhancement', { id }, options));
  if (found === undefined) return;
  const { enhancement, result } = found;
  const { studyUid, task } = useApp.getState();
  if (result === null || enhancement.studyUid !== studyUid) return;
  const { scale, targetUid, referenceUid } = enhancement;
  showResult({ result, scale, targetUid, referenceUid }, task);
}

async function openKnown(known: Enhanced, studyUid: string, paths: readonly string[]): Promise<boolean> {
  const { targetUid, referenceUid } = useApp.getState();
  if (currentStudy(useApp.getState())?.uid !== studyUid) {
    if (!(await openStudyAt({ studyUid, paths, task: 'review' }))) return false;
  } else if (targetUid !== known.targetUid || (known.referenceUid ?? referenceUid) !== referenceUid) {
    if (!(await mayLoseCorrections())) return false;
  }
  showResult(known);
  return true;
}
