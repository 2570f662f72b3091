import { Boxes, CircleHelp, PanelLeft, Search, Server, Settings } from 'lucide-react';
import type { ReactNode } from 'react';
import { ariaKeys, showKey } from '../commands/showKeys.ts';
import { useAlign } from '../state/align.ts';
import { isBusy } from '../state/jobs.ts';
import { openModels } from '../state/modelsActions.ts';
import { setPacs } from '../state/pacsStore.ts';
import { currentStudy, setApp, TASKS, type Task, useApp } from '../state/store.ts';
import { taskState } from '../state/taskStates.ts';
import { text } from '../text.ts';
import { HeaderJob } from '../views/jobs/HeaderJob.tsx';
import { JobsButton } from '../views/jobs/JobsButton.tsx';
import { studyName } from './names.ts';
import { PanelBoundary } from './PanelBoundary.tsx';

/** Product, tasks, study, PACS, help. */
export function Header(): ReactNode {
  const study = useApp(currentStudy);
  return (
    <div className="header">
      <h1 className="product">{text.product}</h1>
      {study !== undefined && (
        <>
          <nav className="tasks" aria-label={text.tasksLabel}>
            {TASKS.map((task) => (
              <TaskButton key={task} task={task} />
            ))}
          </nav>
          <span className="study-name dim" title={studyName(study)}>
            {studyName(study)}
          </span>
          <PanelToggle />
        </>
      )}
      {study === undefined && <span className="study-name" />}
      <PanelBoundary name={text.jobs.title} place="floating">
        <HeaderJob />
        <JobsButton />
      </PanelBoundary>
      <PacsButton />
      <button
        type="button"
        className="icon-button"
        aria-label={text.models.open}
        title={`${text.models.open} (${showKey('Shift+m')})`}
        aria-keyshortcuts={ariaKeys(['Shift+m'])}
        onClick={() => openModels()}
      >
        <Boxes size={16} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={text.palette.open}
        title={`${text.palette.open} (${showKey('Mod+k')})`}
        aria-keyshortcuts={ariaKeys(['Mod+k'])}
        onClick={() => setApp({ paletteOpen: true })}
      >
        <Search size={16} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={text.settings.open}
        title={text.settings.open}
        onClick={() => setApp({ settingsOpen: true })}
      >
        <Settings size={16} aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={text.helpCentre.open}
        title={`${text.helpCentre.open} (F1)`}
        aria-keyshortcuts={ariaKeys(['F1'])}
        onClick={() => setApp({ helpTab: 'pages' })}
      >
        <CircleHelp size={16} aria-hidden />
      </button>
    </div>
  );
}

function TaskButton({ task }: { readonly task: Task }): ReactNode {
  const current = useApp((state) => state.task === task);
  const align = useAlign();
  const state = useApp((app) => taskState(task, app, align));
  return (
    <button
      type="button"
      className="task"
      aria-current={current ? 'step' : undefined}
      data-state={state}
      title={text.taskStates[state]}
      onClick={() => setApp({ task, panelOpen: true })}
    >
      {text.tasks[task]}
    </button>
  );
}

/** Opens the PACS sheet; while the storage provider is on, it says so. */
function PacsButton(): ReactNode {
  const isReceiving = useApp((state) => isBusy(state.jobs.receive));
  return (
    <>
      {isReceiving && (
        <button type="button" className="on-air" onClick={() => setPacs({ page: 'receive' })}>
          {text.pacsReceive.onLong}
        </button>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label={text.pacs.open}
        title={`${text.pacs.open} (P)`}
        onClick={() => setPacs({ page: 'find' })}
      >
        <Server size={16} aria-hidden />
      </button>
    </>
  );
}

function PanelToggle(): ReactNode {
  const open = useApp((state) => state.panelOpen);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={text.viewer.panelToggle}
      title={`${text.viewer.panelToggle} (B)`}
      aria-pressed={open}
      onClick={() => setApp({ panelOpen: !open })}
    >
      <PanelLeft size={16} aria-hidden />
    </button>
  );
}
