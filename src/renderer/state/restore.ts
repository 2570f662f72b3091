import type { Result } from '../../core/contract/operations.ts';
import type { RememberedSession } from '../../core/contract/remembering.ts';
import { chooseModel } from './enhanceActions.ts';
import { beginKeepingMeasurements } from './keepMeasurements.ts';
import { showResult } from './openResult.ts';
import { recallView, rememberableView } from './rememberView.ts';
import { workstation } from './session.ts';
import { type AppState, currentStudy, type Enhanced, seriesByUid, setApp, TASKS, useApp } from './store.ts';
import { changePair, openStudyAt } from './studyActions.ts';
import { useView } from './view.ts';

/**
 * The user comes back to where they were: what the window shows is remembered on the workstation as it changes,
 * and taken up again by the next window, whatever ended this one.
 */

/** After the last of a row of changes: a dragged window is one thing to remember. */
const SETTLED_MS = 400;

/** What of the window's state leads back to it. */
export function rememberableSession(state: AppState): RememberedSession {
  return {
    paths: [...state.paths],
    pathsAreCopies: state.pathsAreCopies,
    studyUid: state.studyUid,
    task: state.task,
    targetUid: state.targetUid,
    referenceUid: state.referenceUid,
    modelId: state.modelPicked ? state.modelId : null,
    scale: state.scale,
    device: state.device,
    registration: state.registration,
    enhancedId: state.enhanced?.result.id ?? null,
    exportFolder: state.exportFolder,
    exportFormat: state.exportFormat,
    panelOpen: state.panelOpen,
  };
}

/** Takes up what was remembered, then remembers what changes; returns how to stop. Never throws. */
export async function beginRemembering(): Promise<() => void> {
  const stopMeasurements = beginKeepingMeasurements();
  try {
    await takeUp(await workstation().call('recall', {}));
  } catch {
    // Without a memory the window begins at the beginning; the library says what is wrong with it.
  }
  const stopChanges = rememberChanges();
  return () => {
    stopMeasurements();
    stopChanges();
  };
}

async function takeUp({ session, view }: Result<'recall'>): Promise<void> {
  if (session === null) return;
  const { scale, device, registration, exportFormat, panelOpen } = session;
  setApp({ scale, device, registration, exportFormat, panelOpen });
  const { studyUid, paths, pathsAreCopies, targetUid, referenceUid } = session;
  // Asked before the study is on the screen: what comes after that takes the user back from where they went.
  const known = await storedResult(session);
  // Something may have been opened meanwhile: that is what the user wants now.
  if (studyUid === null || currentStudy(useApp.getState()) !== undefined) return;
  const task = TASKS.find((one) => one === session.task) ?? 'studies';
  if (!(await openStudyAt({ studyUid, paths, pathsAreCopies, task }))) return;
  const state = useApp.getState();
  const isReference = referenceUid === null || seriesByUid(state, referenceUid) !== undefined;
  if (targetUid !== null && seriesByUid(state, targetUid) !== undefined && isReference) {
    changePair(targetUid, referenceUid);
  }
  if (session.modelId !== null) setApp({ modelId: session.modelId, modelPicked: true });
  chooseModel();
  if (known !== undefined) showResult(known, task);
  if (session.exportFolder !== '') setApp({ exportFolder: session.exportFolder });
  recallView(view);
}

/** The enhanced series that was shown; undefined where none was, or it is not stored any more. */
async function storedResult({ enhancedId }: RememberedSession): Promise<Enhanced | undefined> {
  if (enhancedId === null) return undefined;
  try {
    const { enhancement, result } = await workstation().call('libraryEnhancement', { id: enhancedId });
    if (!enhancement.stored || result === null) return undefined;
    const { scale, targetUid, referenceUid } = enhancement;
    return { result, scale, targetUid, referenceUid };
  } catch {
    // It was removed meanwhile: the pair is there, and can be enhanced again.
    return undefined;
  }
}

function rememberChanges(): () => void {
  const session = keeper('session', () => rememberableSession(useApp.getState()));
  const view = keeper('view', () => rememberableView(useView.getState()));
  const stops = [useApp.subscribe(session.changed), useView.subscribe(view.changed)];
  const now = (): void => {
    for (const one of [session, view]) one.now();
  };
  window.addEventListener('pagehide', now);
  return () => {
    for (const stop of stops) stop();
    window.removeEventListener('pagehide', now);
    now();
  };
}

/** Sends a value when it has settled and is another than before. */
function keeper(
  key: 'session' | 'view',
  read: () => object,
): { readonly changed: () => void; readonly now: () => void } {
  let kept = JSON.stringify(read());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = JSON.stringify(read());
    if (text === kept) return;
    kept = text;
    workstation()
      .call('remember', { key, value: JSON.parse(text) })
      .catch(() => {
        // The next change tries again.
        kept = '';
      });
  };
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(now, SETTLED_MS);
  };
  return { changed, now };
}
