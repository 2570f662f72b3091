import type { RequestInput } from '../../core/contract/operations.ts';
import type { DeidentifyOption } from '../../core/dicom/deidentify/options.ts';
import { type DeidentifyDraft, setDeidentify, useDeidentify } from './deidentifyStore.ts';
import { abandonJob, clearJob, runJob, workstation } from './session.ts';
import { useApp } from './store.ts';
import { openPath } from './studyActions.ts';

/** What a form asks the workstation for. */
export function deidentificationOf(draft: DeidentifyDraft): RequestInput<'export'>['deidentify'] {
  const dates: Record<DeidentifyDraft['dates'], readonly DeidentifyOption[]> = {
    remove: [],
    shift: ['shift-dates'],
    keep: ['retain-dates'],
  };
  const keyFile = draft.keyFile.trim();
  return {
    options: [...dates[draft.dates], ...draft.kept],
    ...(keyFile === '' ? {} : { keyFile }),
  };
}

/** Opens the sheet that de-identifies a folder; what it writes goes beside it, as the user may change. */
export function openDeidentify(path: string): void {
  clearJob('deidentify');
  setDeidentify({ isOpen: true, path, out: besideOf(path), result: null });
}

/** A folder beside another; '' where there is none yet. */
export function besideOf(path: string): string {
  const trimmed = path.trim().replace(/[\\/]+$/, '');
  return trimmed === '' ? '' : `${trimmed}-deidentified`;
}

export function closeDeidentify(): void {
  abandonJob('deidentify');
  setDeidentify({ isOpen: false, result: null });
}

/** De-identifies the folder of the sheet into the new one, or tells what that would change. */
export async function deidentify(dryRun: boolean): Promise<void> {
  const { path, out, draft } = useDeidentify.getState();
  setDeidentify({ result: null });
  const request = {
    ...deidentificationOf(draft),
    paths: [path.trim()],
    out: out.trim() === '' ? undefined : out.trim(),
    dryRun,
  };
  const result = await runJob('deidentify', (options) => workstation().call('deidentify', request, options));
  if (result !== undefined) setDeidentify({ result });
}

/** Opens what was written. */
export async function openDeidentified(): Promise<void> {
  const { result } = useDeidentify.getState();
  if (result?.out == null) return;
  await openPath(result.out);
  if (useApp.getState().jobs.open?.error === undefined) closeDeidentify();
}
