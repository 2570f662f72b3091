import type { Result } from '../../core/contract/operations.ts';
import type { StudySummary } from '../../core/contract/schemas.ts';
import type { CallOptions } from '../../core/contract/workstation.ts';
import { TandemError } from '../../core/errors.ts';
import { chooseModel } from './enhanceActions.ts';
import { keepCopies, keepInLibrary } from './library.ts';
import { abandonJob, clearJob, runJob, workstation } from './session.ts';
import { setApp, type Task, useApp } from './store.ts';
import { mayLoseCorrections, unlessCorrected } from './unsaved.ts';
import { forgetVolumes } from './viewActions.ts';

/** Reads what is under a path typed or picked by the user. */
export async function openPath(path: string): Promise<void> {
  const typed = path.trim();
  if (typed === '') return;
  const opened = await runJob('open', (options) => readPaths([typed], options));
  if (opened === undefined || !(await mayLoseCorrections())) return;
  showStudies([typed], false, opened);
}

/** Reads what was dropped on the window. Must be called within the drop event. */
export async function openDrop(data: DataTransfer): Promise<void> {
  let paths: string[] = [];
  const opened = await runJob('open', async (options) => {
    paths = await workstation().acceptDrop(data, options);
    if (paths.length === 0) {
      throw new TandemError('empty-folder', 'There is no file or folder in what was dropped', {
        hint: 'Drop a folder, a DICOM file or a NIfTI file.',
      });
    }
    return readPaths(paths, options);
  });
  if (opened === undefined || !(await mayLoseCorrections())) return;
  showStudies(paths, workstation().shell === 'browser', opened);
}

async function readPaths(paths: string[], options: CallOptions): Promise<Result<'list'>> {
  const found = await workstation().call('list', { paths }, options);
  if (found.studies.length > 0) return found;
  const [first] = found.refused;
  throw new TandemError('nothing-readable', 'No image series was found there', {
    path: paths[0],
    hint:
      first === undefined
        ? 'Choose a folder that holds MR images as DICOM or NIfTI.'
        : `${first.path}: ${first.message}`,
  });
}

/**
 * Opens a study that is known: where the library has it now, else where it was. False where that failed; the
 * job `open` says why.
 */
export async function openStudyAt(known: {
  readonly studyUid: string;
  readonly paths: readonly string[];
  readonly pathsAreCopies?: boolean;
  readonly task: Task;
}): Promise<boolean> {
  const { studyUid, pathsAreCopies = false, task } = known;
  let paths: string[] = [];
  const opened = await runJob('open', async (options) => {
    paths = await placesOf(studyUid, known.paths);
    const found = await readPaths(paths, options);
    if (found.studies.some(({ uid }) => uid === studyUid)) return found;
    throw new TandemError('series-not-found', 'The study is not there any more', {
      path: paths[0],
      hint: 'Point the library to where it is now, or open the folder anew.',
    });
  });
  if (opened === undefined || !(await mayLoseCorrections())) return false;
  showStudies(paths, pathsAreCopies, opened);
  showStudy(studyUid);
  setApp({ task });
  return true;
}

/** Keeps copies of what was dropped; from then on the window works on them. */
export async function keepOpenStudies(): Promise<void> {
  const { paths, studyUid, task } = useApp.getState();
  const kept = await keepCopies(paths);
  if (kept === undefined || useApp.getState().paths !== paths) return;
  const same = kept.find(({ uid }) => uid === studyUid);
  // The UIDs of NIfTI files follow from where they are.
  if (same === undefined) {
    const [first] = kept;
    if (first !== undefined) await openStudyAt({ studyUid: first.uid, paths: first.paths, task });
    return;
  }
  setApp({ paths: kept.flatMap((study) => study.paths), pathsAreCopies: false });
}

async function placesOf(studyUid: string, otherwise: readonly string[]): Promise<string[]> {
  try {
    return (await workstation().call('libraryStudy', { uid: studyUid })).study.paths;
  } catch (error) {
    if (otherwise.length === 0) throw error;
    return [...otherwise];
  }
}

function showStudies(paths: readonly string[], pathsAreCopies: boolean, found: Result<'list'>): void {
  forgetVolumes();
  abandonJob('enhance');
  clearJob('export');
  clearJob('copy');
  setApp({
    paths,
    pathsAreCopies,
    studies: found.studies,
    refused: found.refused,
    enhanced: null,
    exported: null,
    exportFolder: '',
    task: 'studies',
  });
  if (!pathsAreCopies) void keepInLibrary(paths);
  const best = [...found.studies].sort((a, b) => bestScore(b) - bestScore(a))[0];
  if (best !== undefined) showStudy(best.uid);
}

function bestScore(study: StudySummary): number {
  return study.pairs[0]?.score ?? -1;
}

/** As `showStudy`; asks first where corrections would be lost. */
export function selectStudy(uid: string): void {
  if (uid !== useApp.getState().studyUid) unlessCorrected(() => showStudy(uid));
  else showStudy(uid);
}

/** Shows a study, with its best pair chosen, or its first series where it has none. */
function showStudy(uid: string): void {
  const study = useApp.getState().studies.find((candidate) => candidate.uid === uid);
  if (study === undefined) return;
  const pair = study.pairs[0];
  forgetVolumes();
  abandonJob('enhance');
  setApp({
    studyUid: uid,
    targetUid: pair?.target ?? study.series[0]?.uid ?? null,
    referenceUid: pair?.reference ?? null,
    enhanced: null,
    exported: null,
  });
  chooseModel();
}

export function chooseTarget(uid: string): void {
  const { referenceUid } = useApp.getState();
  changePair(uid, referenceUid === uid ? null : referenceUid);
}

export function chooseReference(uid: string | null): void {
  const { targetUid } = useApp.getState();
  if (targetUid !== null && targetUid !== uid) changePair(targetUid, uid);
}

export function swapPair(): void {
  const { targetUid, referenceUid } = useApp.getState();
  if (targetUid !== null && referenceUid !== null) changePair(referenceUid, targetUid);
}

/** Another pair: an enhanced series of the old one would be shown beside the wrong images. */
export function changePair(targetUid: string, referenceUid: string | null): void {
  const before = useApp.getState();
  if (before.targetUid === targetUid && before.referenceUid === referenceUid) return;
  unlessCorrected(() => {
    forgetVolumes();
    abandonJob('enhance');
    clearJob('export');
    setApp({ targetUid, referenceUid, enhanced: null, exported: null });
    chooseModel();
  });
}

/** Asks first where corrections would be lost. */
export function closeStudies(): void {
  unlessCorrected(close);
}

function close(): void {
  forgetVolumes();
  abandonJob('enhance');
  clearJob('open');
  setApp({
    paths: [],
    studies: [],
    refused: [],
    studyUid: null,
    targetUid: null,
    referenceUid: null,
    enhanced: null,
    exported: null,
    task: 'studies',
  });
}
