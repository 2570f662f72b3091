import { clearJob, runJob, workstation } from './session.ts';
import { setApp, useApp } from './store.ts';

/** Writes the enhanced series to the chosen folder. */
export async function exportEnhanced(): Promise<void> {
  const { enhanced, exportFolder, exportFormat } = useApp.getState();
  const out = exportFolder.trim();
  if (enhanced === null || out === '') return;
  clearJob('send');
  setApp({ exported: null, sent: null });
  const exported = await runJob('export', (options) =>
    workstation().call('export', { id: enhanced.result.id, out, format: exportFormat }, options),
  );
  if (exported !== undefined && useApp.getState().enhanced === enhanced) setApp({ exported });
}
