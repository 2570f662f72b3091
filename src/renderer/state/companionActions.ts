import type { RequestInput } from '../../core/contract/operations.ts';
import type { SeriesSelector } from '../../core/contract/schemas.ts';
import { type CompanionDraft, type CompanionState, setCompanion, useCompanion } from './companionStore.ts';
import { besideOf, deidentificationOf } from './deidentifyActions.ts';
import { useDeidentify } from './deidentifyStore.ts';
import { abandonJob, clearJob, runJob, workstation } from './session.ts';
import { currentStudy, useApp } from './store.ts';

type CompanionRequest = RequestInput<'exportCompanion'>;

/** Opens the sheet on the chosen pair. */
export function openCompanion(): void {
  clearJob('companion');
  const { targetUid, referenceUid, paths } = useApp.getState();
  const { draft } = useCompanion.getState();
  const series = targetUid ?? '';
  const reference = referenceUid ?? '';
  const out = suggestedFile(draft.kind, paths[0] ?? '');
  setCompanion({ isOpen: true, written: null, draft: { ...draft, series, reference, out } });
}

export function closeCompanion(): void {
  abandonJob('companion');
  setCompanion({ isOpen: false, written: null });
}

/** A file beside what was opened, named after what it holds. */
export function suggestedFile(kind: CompanionDraft['kind'], opened: string): string {
  const beside = besideOf(opened).replace(/-deidentified$/, '');
  if (beside === '') return '';
  return `${beside}-${kind}.${kind === 'nifti' ? 'nii.gz' : 'dcm'}`;
}

/** Another kind of export; a name that was only suggested follows. */
export function chooseKind(kind: CompanionDraft['kind']): void {
  const { draft } = useCompanion.getState();
  const opened = useApp.getState().paths[0] ?? '';
  const isSuggested = draft.out === suggestedFile(draft.kind, opened);
  const out = isSuggested ? suggestedFile(kind, opened) : draft.out;
  clearJob('companion');
  setCompanion({ draft: { ...draft, kind, out }, written: null });
}

/** Whether a labelmap says itself what its labels are: a DICOM Segmentation does, a NIfTI cannot. */
export function namesItsSegments(input: string): boolean {
  const path = input.trim();
  return path !== '' && !/\.nii(\.gz)?$/i.test(path);
}

export function requestOf(draft: CompanionDraft, select: (uid: string) => SeriesSelector): CompanionRequest {
  const { kind, series, reference, input, segments, quantity, units, out } = draft;
  const deidentify = draft.deidentify ? deidentificationOf(useDeidentify.getState().exportDraft) : undefined;
  const common = { out: out.trim(), deidentify };
  switch (kind) {
    case 'parametric-map':
      return { ...common, kind, series: select(series), values: input.trim(), quantity, units: units.trim() };
    case 'spatial-registration':
      return {
        ...common,
        kind,
        target: select(series),
        reference: select(reference),
        transform: input.trim(),
      };
    case 'measurement-report':
      return { ...common, kind, series: select(series), measurements: input.trim() };
    default: {
      const named = segments.map(({ value, meaning }) => ({ value: Number(value), meaning }));
      return {
        ...common,
        kind: 'segmentation',
        series: select(series),
        labels: input.trim(),
        // What a DICOM Segmentation says of its own segments is not to be overruled by what the form suggests.
        ...(!namesItsSegments(input) && { segments: named }),
      };
    }
  }
}

/** Writes what the form describes. */
export async function exportCompanion(): Promise<void> {
  const { draft } = useCompanion.getState();
  const { paths } = useApp.getState();
  const select = (uid: string): SeriesSelector => ({ paths: [...paths], series: uid });
  setCompanion({ written: null });
  const written = await runJob('companion', async (options): Promise<CompanionState['written']> => {
    if (draft.kind === 'nifti') {
      const input = pathOf(draft.series) ?? paths[0] ?? '';
      const request = { input, series: draft.series, out: draft.out.trim() };
      const { volumes } = await workstation().call('convert', request, options);
      return { files: volumes.map(({ path }) => path), validation: null };
    }
    const made = await workstation().call('exportCompanion', requestOf(draft, select), options);
    return { files: [made.path], validation: made.validation ?? null };
  });
  if (written !== undefined) setCompanion({ written });
}

/** Where the series was found: one series of several paths is read from its own. */
function pathOf(uid: string): string | undefined {
  return currentStudy(useApp.getState())?.series.find((series) => series.uid === uid)?.path;
}
