import { toErrorData } from '../../core/errors.ts';
import { loadModels } from './enhanceActions.ts';
import { setWorkstation } from './session.ts';
import { setApp } from './store.ts';
import { connect } from './workstation.ts';

/** Connects the window to its workstation and follows how that goes. */
export async function startSession(): Promise<void> {
  try {
    const workstation = await connect();
    setWorkstation(workstation);
    setApp({ shell: workstation.shell });
    workstation.onStatus((connection) => {
      setApp({ connection });
      if (connection === 'ready') void loadModels();
    });
  } catch (error) {
    setApp({ connection: 'refused', connectionError: toErrorData(error) });
  }
}
