import type { RequestInput } from '../../core/contract/operations.ts';
import { deidentificationOf } from './deidentifyActions.ts';
import { setDeidentify, useDeidentify } from './deidentifyStore.ts';
import { clearJob, runJob, workstation } from './session.ts';
import { type AppState, setApp, useApp } from './store.ts';

/** Whether the enhanced series has a registration to export beside it: one was made, and of two DICOM series. */
export function hasRegistration(state: AppState): boolean {
  return state.enhanced !== null && state.enhanced.result.registration.verdict !== 'none';
}

type Asked = Pick<RequestInput<'export'>, 'as' | 'deidentify' | 'companions'>;

/** Only what differs from the usual. */
function asked(state: AppState): Asked {
  const { exporting, exportDraft } = useDeidentify.getState();
  const withRegistration = state.exportRegistration && hasRegistration(state);
  return {
    ...(exporting ? { deidentify: deidentificationOf(exportDraft) } : {}),
    ...(state.exportFormat === 'dicom' && state.exportAs !== 'source' ? { as: state.exportAs } : {}),
    ...(withRegistration ? { companions: ['registration'] } : {}),
  };
}

/** Writes the enhanced series to the chosen folder. */
export async function exportEnhanced(): Promise<void> {
  const state = useApp.getState();
  const { enhanced, exportFolder, exportFormat } = state;
  const out = exportFolder.trim();
  if (enhanced === null || out === '') return;
  clearJob('send');
  setApp({ exported: null, sent: null });
  const request = { id: enhanced.result.id, out, format: exportFormat, ...asked(state) };
  const exported = await runJob('export', (options) => workstation().call('export', request, options));
  if (exported !== undefined && useApp.getState().enhanced === enhanced) setApp({ exported });
}

/** Asks what de-identifying the export would change; nothing is written. */
export async function previewExport(): Promise<void> {
  const state = useApp.getState();
  const { enhanced } = state;
  if (enhanced === null) return;
  setDeidentify({ preview: null });
  const { deidentify: _, ...what } = asked(state);
  const request = {
    id: enhanced.result.id,
    ...what,
    ...deidentificationOf(useDeidentify.getState().exportDraft),
  };
  const preview = await runJob('preview', (options) =>
    workstation().call('previewDeidentification', request, options),
  );
  if (preview !== undefined && useApp.getState().enhanced === enhanced) setDeidentify({ preview });
}
