import { Button } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { withRepetitionsTogether } from '../../../core/contract/repetitions.ts';
import type { StudySummary } from '../../../core/contract/schemas.ts';
import { studyName } from '../../components/names.ts';
import { openDeidentify } from '../../state/deidentifyActions.ts';
import { setApp, useApp } from '../../state/store.ts';
import { closeStudies, selectStudy } from '../../state/studyActions.ts';
import { text } from '../../text.ts';
import { KeepCopy } from './KeepCopy.tsx';
import { RefusedList } from './RefusedList.tsx';
import { SeriesItem } from './SeriesItem.tsx';

/** What was found: studies, their series with warnings, and what could not be read. */
export function StudiesView(): ReactNode {
  const studies = useApp((state) => state.studies);
  const paths = useApp((state) => state.paths);
  const refused = useApp((state) => state.refused);
  const isDicom = studies.some((study) => study.series.some((series) => series.format === 'dicom'));
  const seriesCount = studies.reduce((sum, study) => sum + withRepetitionsTogether(study.series).length, 0);
  return (
    <div className="panel-content">
      <div className="row wrap">
        <span className="grow found">{text.studies.found(studies.length, seriesCount)}</span>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<FolderOpen size={13} aria-hidden />}
          onClick={closeStudies}
        >
          {text.open.another}
        </Button>
        {isDicom && paths.length === 1 && (
          <Button variant="default" size="compact-xs" onClick={() => openDeidentify(paths[0] ?? '')}>
            {text.deidentify.open}
          </Button>
        )}
      </div>
      {paths.map((path) => (
        <div key={path} className="mono path dim small">
          {path}
        </div>
      ))}
      <KeepCopy />
      {studies.map((study) => (
        <Study key={study.uid} study={study} single={studies.length === 1} />
      ))}
      <RefusedList refused={refused} />
      <div className="panel-foot">
        <Button fullWidth onClick={() => setApp({ task: 'pair' })}>
          {text.studies.goOn}
        </Button>
      </div>
    </div>
  );
}

function Study({ study, single }: { readonly study: StudySummary; readonly single: boolean }): ReactNode {
  const chosen = useApp((state) => state.studyUid === study.uid);
  const name = studyName(study) || text.studies.noDescription;
  return (
    <section className={chosen && !single ? 'study chosen' : 'study'} aria-label={name}>
      {single ? (
        <h3>{name}</h3>
      ) : (
        <h3>
          <button type="button" aria-pressed={chosen} onClick={() => selectStudy(study.uid)}>
            {name}
          </button>
        </h3>
      )}
      <ul className="series-list">
        {withRepetitionsTogether(study.series).map((repeated) => (
          <SeriesItem key={repeated.series.uid} repeated={repeated} />
        ))}
      </ul>
      {study.pairs.length === 0 && <p className="dim small">{text.studies.noPair}</p>}
    </section>
  );
}
