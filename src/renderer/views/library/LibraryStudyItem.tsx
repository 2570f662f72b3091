import { Button } from '@mantine/core';
import { Sparkles, Unplug } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { LibrarySeries, LibraryStudy } from '../../../core/contract/library.ts';
import {
  formatDate,
  formatMoment,
  formatSize,
  formatSpacing,
  patientName,
  studyName,
} from '../../components/names.ts';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { isBusy } from '../../state/jobs.ts';
import { relocateStudy } from '../../state/library.ts';
import { useSettings } from '../../state/settings.ts';
import { useApp } from '../../state/store.ts';
import { openStudyAt } from '../../state/studyActions.ts';
import { text } from '../../text.ts';
import { EnhancementItem } from './EnhancementItem.tsx';
import { ForgetStudy } from './ForgetStudy.tsx';

/** One study of the library: who, when, what, what was made of it; opened with one click. */
export function LibraryStudyItem({ study }: { readonly study: LibraryStudy }): ReactNode {
  const busy = useApp((state) => isBusy(state.jobs.open));
  const hidden = useSettings((settings) => settings.hidePatient);
  const shown = study.series.find(({ missing }) => !missing) ?? study.series[0];
  const isMissing = study.series.length > 0 && study.series.every(({ missing }) => missing);
  return (
    <li className={isMissing ? 'library-study missing' : 'library-study'} data-study={study.uid}>
      <div className="library-head">
        <button
          type="button"
          className="library-open"
          disabled={busy || isMissing}
          aria-label={text.library.openNamed(studyName(study))}
          onClick={() => void openStudyAt({ studyUid: study.uid, paths: study.paths, task: 'pair' })}
        >
          {shown !== undefined && <Thumbnail studyUid={study.uid} seriesUid={shown.uid} />}
          <span className="library-words">
            <strong>{patientName(study, hidden) || text.library.noPatient}</strong>
            <span>
              {[hidden ? '' : study.patientId, formatDate(study.date), study.description.replaceAll('^', ' ')]
                .filter((part) => part !== '')
                .join(' · ')}
            </span>
            <span className="dim small">{contents(study)}</span>
            <Marks study={study} />
          </span>
        </button>
      </div>
      <Details study={study} />
    </li>
  );
}

function contents({ series, isCopy }: LibraryStudy): string {
  const modalities = [...new Set(series.map(({ modality }) => modality))].join(', ');
  const contrasts = [...new Set(series.map(({ contrast }) => text.contrasts[contrast]))].join(', ');
  return [
    modalities,
    contrasts,
    text.library.seriesCount(series.length),
    ...(isCopy ? [text.library.copy] : []),
  ].join(' · ');
}

function Marks({ study }: { readonly study: LibraryStudy }): ReactNode {
  const { missingPaths, series, enhancements } = study;
  const last = enhancements[0];
  const allMissing = series.every(({ missing }) => missing);
  return (
    <>
      {last !== undefined && (
        <span className="small mark-enhanced">
          <Sparkles size={12} aria-hidden /> {text.library.enhanced(enhancements.length)} ·{' '}
          {text.library.enhancement(last)} · {formatMoment(last.madeAtMs)}
        </span>
      )}
      {missingPaths.length > 0 && (
        <span className="small mark-missing">
          <Unplug size={12} aria-hidden /> {allMissing ? text.library.missing : text.library.partlyMissing}
        </span>
      )}
    </>
  );
}

function Details({ study }: { readonly study: LibraryStudy }): ReactNode {
  const [open, setOpen] = useState(study.missingPaths.length > 0);
  return (
    <details className="library-more" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="dim small">{text.library.details}</summary>
      {open && <DetailsBody study={study} />}
    </details>
  );
}

function DetailsBody({ study }: { readonly study: LibraryStudy }): ReactNode {
  const { pick, dialog } = usePickFolder(text.library.relocateTitle, (path) => {
    void relocateStudy(path, study.uid, text.library.relocated);
  });
  return (
    <>
      {study.missingPaths.length > 0 && (
        <div className="small">
          <p className="mark-missing">{text.library.missingIntro}</p>
          {study.missingPaths.map((path) => (
            <div key={path} className="mono path">
              {path}
            </div>
          ))}
        </div>
      )}
      <ul className="library-series">
        {study.series.map((series) => (
          <SeriesLine key={series.uid} series={series} studyUid={study.uid} />
        ))}
      </ul>
      {study.enhancements.length > 0 && (
        <ul className="results" aria-label={text.library.enhancedWith}>
          {study.enhancements.map((made) => (
            <EnhancementItem key={made.id} made={made} />
          ))}
        </ul>
      )}
      <div className="row wrap end">
        {study.missingPaths.length > 0 && (
          <Button variant="default" size="compact-sm" onClick={() => pick()}>
            {text.library.relocate}
          </Button>
        )}
        <ForgetStudy study={study} />
      </div>
      {dialog}
    </>
  );
}

function SeriesLine(props: { readonly series: LibrarySeries; readonly studyUid: string }): ReactNode {
  const { series, studyUid } = props;
  return (
    <li>
      <Thumbnail studyUid={studyUid} seriesUid={series.uid} />
      <span className="library-words small">
        <span>
          <span className="contrast">{text.contrasts[series.contrast]}</span>{' '}
          {series.number === null ? '' : `${series.number} · `}
          {series.description}
        </span>
        <span className="dim numbers">{formatSize(series.size)}</span>
        <span className="dim numbers">{formatSpacing(series.spacingMm)}</span>
        {series.missing && <span className="mark-missing">{text.library.missing}</span>}
      </span>
    </li>
  );
}
