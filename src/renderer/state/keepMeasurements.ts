import type { Measurement } from '../../core/volume/measurement.ts';
import { setMeasurements, useMeasurements } from './measurements.ts';
import { workstation } from './session.ts';
import { useApp } from './store.ts';

/** After the last of a row of changes. */
const SETTLED_MS = 400;
/** Before a question that had no answer is put again. */
const RETRY_MS = 2000;

/**
 * Keeps what is measured with its study, and shows it again whenever that is opened; returns how to stop. Nothing
 * is kept before what was there has been read, so that a workstation that does not answer costs nothing.
 */
export function beginKeepingMeasurements(): () => void {
  /** The study whose measurements are known. */
  let known: string | null = null;
  let last: readonly Measurement[] = [];
  let unsaved: { readonly studyUid: string; readonly items: readonly Measurement[] } | undefined;
  let saving: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;

  const save = (): void => {
    clearTimeout(saving);
    if (unsaved === undefined) return;
    const sent = unsaved;
    const { studyUid, items } = sent;
    unsaved = undefined;
    workstation()
      .call('rememberOfStudy', { studyUid, key: 'measurements', value: JSON.parse(JSON.stringify(items)) })
      .catch(() => {
        if (unsaved !== undefined || known !== studyUid) return;
        unsaved = sent;
        saving = setTimeout(save, RETRY_MS);
      });
  };

  const read = async (studyUid: string): Promise<void> => {
    try {
      const { measurements } = await workstation().call('recallOfStudy', { studyUid });
      if (useApp.getState().studyUid !== studyUid || known === studyUid) return;
      known = studyUid;
      last = measurements ?? [];
      const drawn = useMeasurements.getState().items;
      // What was drawn while the answer was on its way comes after what was there.
      const taken = new Set(last.map(({ id }) => id));
      const items = [
        ...last,
        ...drawn.map((item) => (taken.has(item.id) ? { ...item, id: `${item.id}'` } : item)),
      ];
      if (items.length > 0) setMeasurements({ items });
    } catch {
      if (useApp.getState().studyUid === studyUid) retrying = setTimeout(() => void read(studyUid), RETRY_MS);
    }
  };

  const studyChanged = (studyUid: string | null): void => {
    save();
    clearTimeout(retrying);
    known = null;
    last = [];
    if (studyUid !== null) void read(studyUid);
  };

  const stops = [
    useMeasurements.subscribe(({ items }) => {
      const { studyUid } = useApp.getState();
      if (studyUid === null || studyUid !== known || items === last) return;
      last = items;
      unsaved = { studyUid, items };
      clearTimeout(saving);
      saving = setTimeout(save, SETTLED_MS);
    }),
    useApp.subscribe((now, before) => {
      if (now.studyUid !== before.studyUid) studyChanged(now.studyUid);
    }),
  ];
  window.addEventListener('pagehide', save);
  studyChanged(useApp.getState().studyUid);
  return () => {
    for (const stop of stops) stop();
    window.removeEventListener('pagehide', save);
    clearTimeout(retrying);
    save();
  };
}
