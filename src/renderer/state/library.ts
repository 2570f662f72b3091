import { create } from 'zustand';
import type { LibrarySort, LibraryStudy } from '../../core/contract/library.ts';
import type { Result } from '../../core/contract/operations.ts';
import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { runJob, workstation } from './session.ts';

/** The library as the window shows it: one search, its first page or more, always as it is now. */

export interface LibrarySearch {
  readonly text: string;
  /** Dates as a date field has them, YYYY-MM-DD; empty: any. */
  readonly from: string;
  readonly to: string;
  readonly sort: LibrarySort;
  readonly limit: number;
}

export interface LibraryState {
  readonly search: LibrarySearch;
  /** Undefined until the first answer. */
  readonly found: Result<'librarySearch'> | undefined;
  readonly error: ErrorData | undefined;
  /** What was done last, in words. */
  readonly note: string;
}

const PAGE = 30;

export const INITIAL_LIBRARY: LibraryState = {
  search: { text: '', from: '', to: '', sort: 'opened', limit: PAGE },
  found: undefined,
  error: undefined,
  note: '',
};

export const useLibrary = create<LibraryState>()(() => INITIAL_LIBRARY);

export function setLibrary(change: Partial<LibraryState>): void {
  useLibrary.setState(change);
}

let asked = 0;

/** Asks the library anew; of answers that overtake each other the latest question's counts. */
export async function refreshLibrary(): Promise<void> {
  const { text, from, to, sort, limit } = useLibrary.getState().search;
  const mine = ++asked;
  try {
    const found = await workstation().call('librarySearch', {
      text,
      ...(from === '' ? {} : { from: from.replaceAll('-', '') }),
      ...(to === '' ? {} : { to: to.replaceAll('-', '') }),
      sort,
      limit,
    });
    if (mine === asked) setLibrary({ found, error: undefined });
  } catch (error) {
    if (mine === asked) setLibrary({ error: toErrorData(error) });
  }
}

export function searchLibrary(change: Partial<LibrarySearch>): void {
  const { search } = useLibrary.getState();
  setLibrary({ search: { ...search, limit: PAGE, ...change } });
  void refreshLibrary();
}

export function showMore(): void {
  searchLibrary({ limit: Math.min(200, useLibrary.getState().search.limit + PAGE) });
}

/** Keeps what was opened; that it could not be kept must not disturb who opened it. */
export async function keepInLibrary(paths: readonly string[]): Promise<void> {
  try {
    await workstation().call('libraryAdd', { paths: [...paths] });
    await refreshLibrary();
  } catch (error) {
    setLibrary({ error: toErrorData(error) });
  }
}

/** Copies the files of what was dropped into the library; what it has now, undefined where that failed. */
export async function keepCopies(paths: readonly string[]): Promise<readonly LibraryStudy[] | undefined> {
  const kept = await runJob('copy', (options) =>
    workstation().call('libraryAdd', { paths: [...paths], copy: true }, options),
  );
  if (kept !== undefined) void refreshLibrary();
  return kept?.studies;
}

/** Does something to the library, then shows it as it is; what went wrong is shown with it. */
async function alter(work: () => Promise<string>): Promise<void> {
  try {
    setLibrary({ note: await work(), error: undefined });
  } catch (error) {
    setLibrary({ note: '', error: toErrorData(error) });
    return;
  }
  await refreshLibrary();
}

export function forgetStudy(uid: string): Promise<void> {
  return alter(async () => {
    await workstation().call('libraryForget', { uid });
    return '';
  });
}

export function relocateStudy(path: string, uid: string, say: (series: number) => string): Promise<void> {
  return alter(async () => say((await workstation().call('libraryRelocate', { path, uid })).found));
}

export function removeResult(id: string): Promise<void> {
  return alter(async () => {
    await workstation().call('libraryRemoveResults', { ids: [id] });
    return '';
  });
}

export function acknowledgeSetAside(): Promise<void> {
  return alter(async () => {
    await workstation().call('libraryAcknowledge', {});
    return '';
  });
}
