import { toErrorData } from '../../core/errors.ts';
import { followAlignments } from './alignMemory.ts';
import { followComputing } from './computing.ts';
import { loadModels } from './enhanceActions.ts';
import { followResults } from './pairResults.ts';
import { followQueue } from './queue.ts';
import { beginRemembering } from './restore.ts';
import { setWorkstation } from './session.ts';
import { loadSettings } from './settings.ts';
import { setApp, useApp } from './store.ts';
import { followPairJobs } from './watchJob.ts';
import { connect } from './workstation.ts';

/**
 * A new address pasted into a tab that is open already changes only what stands after the #, which loads
 * nothing: without this, a window that is shut out would stay so. A window that is in keeps its work.
 */
export function followAddress(): void {
  window.addEventListener('hashchange', () => {
    const { hash, pathname, search } = window.location;
    if (!hash.includes('token=')) return;
    if (useApp.getState().connection === 'ready') window.history.replaceState(null, '', pathname + search);
    else window.location.reload();
  });
}

/** Connects the window to its workstation and follows how that goes. */
export async function startSession(): Promise<void> {
  try {
    const workstation = await connect();
    setWorkstation(workstation);
    setApp({ shell: workstation.shell });
    followComputing();
    followAlignments();
    followPairJobs();
    followResults();
    let isFirst = true;
    workstation.onStatus((connection) => {
      setApp({ connection });
      if (connection !== 'ready') return;
      // Without them the window is as it was here before: nothing that keeps anyone from working.
      void loadSettings().catch(() => {});
      void loadModels();
      followQueue();
      // A connection that comes back finds the window as it is.
      if (isFirst) void beginRemembering();
      isFirst = false;
    });
  } catch (error) {
    setApp({ connection: 'refused', connectionError: toErrorData(error) });
  }
}
