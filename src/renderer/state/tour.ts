import { pickModel } from './enhanceActions.ts';
import { isBusy } from './jobs.ts';
import { runJob, workstation } from './session.ts';
import { changeSettings, useSettings } from './settings.ts';
import { type AppState, currentStudy, setApp, TASKS, type Task, useApp } from './store.ts';
import { openPath } from './studyActions.ts';

/** What the tour has to say now: a task's words, or those of a moment in it. */
export type TourMoment = Task | 'enhancing' | 'enhanced' | 'reviewEarly' | 'exportEarly' | 'exported';

/** Quick on two cores; the tour takes the best model where it is not there. */
const QUICK_MODEL = 'srcnn-guided-x2';

/** What the settings keep of it. */
const ON = 'on';
const LEFT = 'left';
const DONE = 'done';

export const useIsTourOn = (): boolean => useSettings((settings) => settings.tour === ON);
export const useWasTourLeft = (): boolean => useSettings((settings) => settings.tour === LEFT);

/** Where the tour is: it follows the user, who may open any task at any time. */
export function tourMoment(state: AppState, isEnhancing: boolean): TourMoment {
  const { task, enhanced, exported } = state;
  if (task === 'enhance') return isEnhancing ? 'enhancing' : enhanced === null ? 'enhance' : 'enhanced';
  if (task === 'review') return enhanced === null ? 'reviewEarly' : 'review';
  if (task === 'export') return enhanced === null ? 'exportEarly' : exported === null ? 'export' : 'exported';
  return task;
}

/** The task before and after, in the order of the work. */
export function tourNeighbours(task: Task): {
  readonly back: Task | undefined;
  readonly next: Task | undefined;
} {
  const at = TASKS.indexOf(task);
  return { back: TASKS[at - 1], next: TASKS[at + 1] };
}

/** Makes the phantom where it is not there yet, opens it unless it is open, and begins, or goes on. */
export async function startTour(): Promise<void> {
  if (isBusy(useApp.getState().jobs.open)) return;
  const made = await runJob('open', (options) => workstation().call('practice', {}, options));
  if (made === undefined) return;
  const { paths, studyUid } = useApp.getState();
  const isOpen = studyUid !== null && paths.length === 1 && paths[0] === made.path;
  if (!isOpen) await openPath(made.path);
  if (currentStudy(useApp.getState()) === undefined) return;
  const { enhanced, models } = useApp.getState();
  if (enhanced === null) {
    setApp({ scale: 2 });
    if (models.some(({ id }) => id === QUICK_MODEL)) pickModel(QUICK_MODEL);
  }
  await changeSettings({ tour: ON });
}

export function leaveTour(): void {
  void changeSettings({ tour: LEFT });
}

export function endTour(): void {
  void changeSettings({ tour: DONE });
}
