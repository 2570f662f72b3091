import { CircleHelp } from 'lucide-react';
import type { ReactNode } from 'react';
import { useShortcuts } from './commands/useShortcuts.ts';
import { ConnectionNotice } from './components/ConnectionNotice.tsx';
import { DropTarget } from './components/DropTarget.tsx';
import { Header } from './components/Header.tsx';
import { PanelBoundary } from './components/PanelBoundary.tsx';
import { useSettings } from './state/settings.ts';
import { currentStudy, setApp, type Task, useApp } from './state/store.ts';
import { text } from './text.ts';
import { alignStageView, viewerView } from './viewer/viewerViews.ts';
import { AlignView } from './views/align/AlignView.tsx';
import { CompanionSheet } from './views/companion/CompanionSheet.tsx';
import { DeidentifySheet } from './views/deidentify/DeidentifySheet.tsx';
import { EnhanceView } from './views/enhance/EnhanceView.tsx';
import { ExportView } from './views/export/ExportView.tsx';
import { HelpCentre } from './views/help/HelpCentre.tsx';
import { HelpSheet } from './views/help/HelpSheet.tsx';
import { JobsSheet } from './views/jobs/JobsSheet.tsx';
import { LibraryView } from './views/library/LibraryView.tsx';
import { ModelsSheet } from './views/models/ModelsSheet.tsx';
import { OpenView } from './views/open/OpenView.tsx';
import { PacsSheet } from './views/pacs/PacsSheet.tsx';
import { PairView } from './views/pair/PairView.tsx';
import { PaletteSheet } from './views/palette/PaletteSheet.tsx';
import { LoseCorrections } from './views/review/contours/LoseCorrections.tsx';
import { ReviewView } from './views/review/ReviewView.tsx';
import { ToolBar } from './views/review/ToolBar.tsx';
import { SettingsSheet } from './views/settings/SettingsSheet.tsx';
import { StudiesView } from './views/studies/StudiesView.tsx';
import { TourNote } from './views/tour/TourNote.tsx';

const { View: Viewer } = viewerView;
const { View: AlignStage } = alignStageView;

const PANELS: Record<Task, () => ReactNode> = {
  studies: StudiesView,
  pair: PairView,
  align: AlignView,
  enhance: EnhanceView,
  review: ReviewView,
  export: ExportView,
};

/** What opens over everything; each can break by itself. */
const SHEETS: readonly (readonly [name: string, Sheet: () => ReactNode])[] = [
  [text.pacs.title, PacsSheet],
  [text.settings.title, SettingsSheet],
  [text.deidentify.title, DeidentifySheet],
  [text.companion.title, CompanionSheet],
  [text.jobs.title, JobsSheet],
  [text.models.title, ModelsSheet],
  [text.help.title, HelpSheet],
  [text.helpCentre.title, HelpCentre],
  [text.palette.title, PaletteSheet],
  [text.contours.lose.title, LoseCorrections],
];

export function App(): ReactNode {
  const hasStudy = useApp((state) => currentStudy(state) !== undefined);
  // Names of patients stand in many places: all are drawn anew.
  useSettings((settings) => settings.hidePatient);
  useShortcuts();
  return (
    <div className="app">
      {/* Dialogs have headers of their own: a page has one banner. */}
      <section className="top" aria-label={text.product}>
        <div className="banner">{text.banner}</div>
        <Header />
      </section>
      <ConnectionNotice />
      {hasStudy && <TourNote />}
      {hasStudy ? (
        <Workplace />
      ) : (
        <main className="body start">
          <PanelBoundary name={text.open.title}>
            <OpenView />
          </PanelBoundary>
          <PanelBoundary name={text.library.title}>
            <LibraryView />
          </PanelBoundary>
        </main>
      )}
      <DropTarget />
      {SHEETS.map(([name, Sheet]) => (
        <PanelBoundary key={name} name={name} place="floating">
          <Sheet />
        </PanelBoundary>
      ))}
    </div>
  );
}

function Workplace(): ReactNode {
  const task = useApp((state) => state.task);
  const panelOpen = useApp((state) => state.panelOpen);
  const hasTarget = useApp((state) => state.targetUid !== null);
  const Panel = PANELS[task];
  return (
    <div className="body">
      {panelOpen && (
        <aside className="panel" aria-label={text.tasks[task]} data-task={task}>
          <div className="panel-head">
            <h2 className="panel-title">{text.tasks[task]}</h2>
            <button
              type="button"
              className="icon-button"
              aria-label={text.helpCentre.about(text.tasks[task])}
              title={text.helpCentre.about(text.tasks[task])}
              onClick={() => setApp({ helpTab: 'pages' })}
            >
              <CircleHelp size={15} aria-hidden />
            </button>
          </div>
          <PanelBoundary key={task} name={text.tasks[task]}>
            <Panel />
          </PanelBoundary>
        </aside>
      )}
      <main className="viewer-place on-black" aria-label={text.viewer.label}>
        {task === 'review' && hasTarget && <ToolBar />}
        <div className="stage">
          <PanelBoundary key={task === 'align' ? 'align' : 'viewer'} name={text.viewer.label}>
            {task === 'align' ? <AlignStage /> : <Viewer />}
          </PanelBoundary>
        </div>
      </main>
    </div>
  );
}
