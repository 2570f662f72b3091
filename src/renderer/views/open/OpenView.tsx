import { Button, TextInput } from '@mantine/core';
import { HardDriveDownload, Server, UserX } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { usePickFile } from '../../components/usePickFile.tsx';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { openDeidentify } from '../../state/deidentifyActions.ts';
import { isBusy } from '../../state/jobs.ts';
import { setPacs } from '../../state/pacsStore.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { openPath } from '../../state/studyActions.ts';
import { text } from '../../text.ts';
import { TryIt } from '../tour/TryIt.tsx';

/** The first screen: choose what to read. */
export function OpenView(): ReactNode {
  const [path, setPath] = useState('');
  const job = useApp((state) => state.jobs.open);
  const ready = useApp((state) => state.connection === 'ready');
  const shell = useApp((state) => state.shell);
  const busy = isBusy(job);
  const open = (chosen: string): void => {
    setPath(chosen);
    void openPath(chosen);
  };
  const { pick, dialog } = usePickFolder(text.browse.titleOpen, open, 'images');
  const file = usePickFile('images', text.browse.titleFile, open);
  return (
    <div className="open-view">
      <section className="open-card" aria-labelledby="open-title">
        <h2 id="open-title">{text.open.title}</h2>
        <p className="dim">{text.open.intro}</p>
        <form
          className="row bottom"
          onSubmit={(event) => {
            event.preventDefault();
            open(path);
          }}
        >
          <TextInput
            className="grow"
            size="sm"
            label={text.open.pathLabel}
            placeholder={text.open.pathPlaceholder}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            spellCheck={false}
            autoComplete="off"
          />
          <Button size="sm" variant="default" disabled={!ready || busy} onClick={() => pick(path)}>
            {text.open.browse}
          </Button>
          {shell === 'electron' && (
            // The system's dialogs choose either folders or files.
            <Button size="sm" variant="default" disabled={!ready || busy} onClick={() => file.pick()}>
              {text.open.file}
            </Button>
          )}
          <Button size="sm" type="submit" disabled={!ready || busy || path.trim() === ''}>
            {text.open.open}
          </Button>
        </form>
        <TryIt />
        <JobProgress kind="open" />
        {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('open')} />}
        <div className="row wrap">
          <Button
            variant="default"
            disabled={!ready}
            leftSection={<Server size={14} aria-hidden />}
            onClick={() => setPacs({ page: 'find' })}
          >
            {text.pacsFind.open}
          </Button>
          <Button
            variant="default"
            disabled={!ready}
            leftSection={<UserX size={14} aria-hidden />}
            onClick={() => openDeidentify(path)}
          >
            {text.deidentify.openLong}
          </Button>
        </div>
        <div className="drop-hint">
          <HardDriveDownload size={22} aria-hidden />
          <span>{text.open.drop}</span>
          {shell === 'browser' && <span className="dim small">{text.open.dropCopied}</span>}
        </div>
      </section>
      {dialog}
      {file.dialog}
    </div>
  );
}
