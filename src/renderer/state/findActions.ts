import type { RequestInput } from '../../core/contract/operations.ts';
import { toErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';
import { joinPath } from './hostPaths.ts';
import { aeTitlesOf, type GetResult, type Match, type SearchDraft, setPacs, usePacs } from './pacsStore.ts';
import { wordsOf } from './pacsWords.ts';
import { abandonJob, clearJob, runJob, workstation } from './session.ts';
import { useApp } from './store.ts';
import { openPath } from './studyActions.ts';

/** More studies than anybody reads through: the search is to be narrowed. */
export const MOST_STUDIES = 200;
const MOST_SERIES = 2000;

/** What a PACS is asked for: names match from their beginning, descriptions anywhere, as a reader would type them. */
export function keysOf(search: SearchDraft): RequestInput<'pacsFind'>['keys'] {
  const { patientName, patientId, from, to, modality, accession, description } = search;
  const plain = (value: string): string => value.trim();
  const open = (value: string, before: string): string => {
    const typed = plain(value);
    return typed === '' || /[*?]/.test(typed) ? typed : `${before}${typed}*`;
  };
  const [first, last] = [from, to].map((date) => date.replaceAll('-', ''));
  const keys = {
    PatientName: open(patientName, ''),
    PatientID: plain(patientId),
    StudyDate: first === last ? first : `${first}-${last}`,
    ModalitiesInStudy: plain(modality),
    AccessionNumber: plain(accession),
    StudyDescription: open(description, '*'),
  };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== ''));
}

/** Looks for studies. What was found before goes at once: it belongs to another question. */
export async function search(): Promise<void> {
  const { peer, search: draft } = usePacs.getState();
  if (peer === null) return;
  forgetStudy();
  setPacs({ studies: undefined, limited: false });
  const found = await runJob('find', (options) =>
    workstation().call(
      'pacsFind',
      { peer, level: 'study', keys: keysOf(draft), limit: MOST_STUDIES },
      options,
    ),
  );
  if (found === undefined) return;
  const studies = [...found.matches].sort((a, b) => newest(b).localeCompare(newest(a)));
  setPacs({ studies, limited: found.limited });
}

function newest(match: Match): string {
  return `${match.StudyDate ?? ''}${match.StudyTime ?? ''}`;
}

/** Another PACS, or another question: nothing of the chosen study is left. */
export function forgetStudy(): void {
  abandonJob('fetch');
  setPacs({ studyUid: null, series: undefined, seriesError: undefined, chosenSeries: [], fetched: null });
}

export function choosePeer(peer: string): void {
  forgetStudy();
  clearJob('find');
  setPacs({ peer, studies: undefined, limited: false });
}

/** Lists the series of a study; all of them are chosen at first. */
export async function chooseStudy(studyUid: string): Promise<void> {
  const { peer, receivedFolder } = usePacs.getState();
  if (peer === null) return;
  forgetStudy();
  setPacs({ studyUid, folder: receivedFolder === '' ? '' : joinPath(receivedFolder, studyUid) });
  try {
    const keys = { StudyInstanceUID: studyUid };
    const found = await workstation().call('pacsFind', { peer, level: 'series', keys, limit: MOST_SERIES });
    if (usePacs.getState().studyUid !== studyUid) return;
    const series = [...found.matches].sort((a, b) => numberOf(a.SeriesNumber) - numberOf(b.SeriesNumber));
    setPacs({ series, chosenSeries: series.flatMap((one) => one.SeriesInstanceUID ?? []) });
  } catch (error) {
    if (usePacs.getState().studyUid === studyUid) setPacs({ seriesError: wordsOf(toErrorData(error)) });
  }
}

export function toggleSeries(uid: string): void {
  const { chosenSeries } = usePacs.getState();
  const isChosen = chosenSeries.includes(uid);
  setPacs({ chosenSeries: isChosen ? chosenSeries.filter((one) => one !== uid) : [...chosenSeries, uid] });
}

export function toggleAllSeries(): void {
  const { chosenSeries, series = [] } = usePacs.getState();
  const all = series.flatMap((one) => one.SeriesInstanceUID ?? []);
  setPacs({ chosenSeries: chosenSeries.length === all.length ? [] : all });
}

export function numberOf(text: string | undefined): number {
  const number = Number(text);
  return text === undefined || text.trim() === '' || !Number.isFinite(number) ? 0 : number;
}

/** Fetches what is chosen, series by series, and opens it where nothing is missing. */
export async function fetchChosen(): Promise<void> {
  const { peer, studyUid, folder, fetching, chosenSeries, series = [] } = usePacs.getState();
  if (peer === null || studyUid === null || chosenSeries.length === 0) return;
  setPacs({ fetched: null });
  const destination = useApp.getState().destinations?.find(({ name }) => name === peer);
  const asked = {
    peer,
    studyUid,
    out: folder.trim() === '' ? undefined : folder.trim(),
    ...(destination?.kind === 'dimse' && {
      method: fetching.method,
      movePort: Number(fetching.movePort),
      moveFrom: aeTitlesOf(fetching.moveFrom),
    }),
  };
  const wanted = series.filter((one) => chosenSeries.includes(one.SeriesInstanceUID ?? ''));
  const isWhole = wanted.length === series.length;
  const parts = isWhole ? [undefined] : wanted;
  const total = wanted.reduce((sum, one) => sum + numberOf(one.NumberOfSeriesRelatedInstances), 0);
  const fetched = await runJob('fetch', async (options) => {
    let sum: GetResult | undefined;
    for (const part of parts) {
      const before = sum === undefined ? 0 : sum.received + sum.present;
      const onProgress = (progress: Progress): void =>
        options.onProgress(isWhole ? progress : { ...progress, done: before + progress.done, total });
      const request = { ...asked, seriesUid: part?.SeriesInstanceUID };
      sum = added(sum, await workstation().call('pacsGet', request, { ...options, onProgress }));
    }
    return sum;
  });
  if (fetched === undefined) return;
  setPacs({ fetched });
  if (fetched.failed.length === 0) await openFetched();
}

function added(before: GetResult | undefined, one: GetResult): GetResult {
  if (before === undefined) return one;
  return {
    folder: one.folder,
    received: before.received + one.received,
    present: before.present + one.present,
    failed: [...before.failed, ...one.failed],
    attempts: before.attempts + one.attempts,
    bytes: before.bytes + one.bytes,
    seconds: before.seconds + one.seconds,
  };
}

/** Opens what was fetched; the sheet closes once there is something to see. */
export async function openFetched(): Promise<void> {
  const { fetched } = usePacs.getState();
  if (fetched !== null) await openFolder(fetched.folder);
}

/** Opens a folder of received objects and closes the sheet, unless it cannot be read. */
export async function openFolder(folder: string): Promise<void> {
  await openPath(folder);
  if (useApp.getState().jobs.open?.error === undefined) setPacs({ page: null });
}
