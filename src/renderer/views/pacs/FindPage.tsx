import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { MOST_STUDIES } from '../../state/findActions.ts';
import { isBusy } from '../../state/jobs.ts';
import { setPacs, usePacs } from '../../state/pacsStore.ts';
import { wordsOf } from '../../state/pacsWords.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { FetchPanel } from './FetchPanel.tsx';
import { FoundStudies } from './FoundStudies.tsx';
import { SearchForm } from './SearchForm.tsx';

/** From a question to the series of a study in a folder: search, choose, fetch. */
export function FindPage(): ReactNode {
  const destinations = useApp((state) => state.destinations);
  if (destinations === undefined) return <p className="dim">{text.pacs.loading}</p>;
  if (destinations.length === 0) {
    return (
      <div className="stack">
        <p>{text.pacs.none}</p>
        <div>
          <Button data-autofocus onClick={() => setPacs({ page: 'settings' })}>
            {text.pacsFind.setUp}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="stack">
      <SearchForm destinations={destinations} />
      <Outcome />
      <FetchPanel />
    </div>
  );
}

function Outcome(): ReactNode {
  const job = useApp((state) => state.jobs.find);
  const studies = usePacs((state) => state.studies);
  const limited = usePacs((state) => state.limited);
  if (isBusy(job)) return <JobProgress kind="find" />;
  if (job?.error !== undefined) {
    return (
      <ErrorNotice
        error={wordsOf(job.error)}
        title={text.pacsFind.notSearched}
        onDismiss={() => clearJob('find')}
      />
    );
  }
  if (studies === undefined) return null;
  return (
    <>
      <p role="status" className="small" data-found={studies.length}>
        {studies.length === 0 ? text.pacsFind.nothing : text.pacsFind.found(studies.length)}
        {limited && <strong className="warn"> {text.pacsFind.limited(MOST_STUDIES)}</strong>}
      </p>
      {studies.length > 0 && <FoundStudies studies={studies} />}
    </>
  );
}
