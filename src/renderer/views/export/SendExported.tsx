import { Button, NativeSelect } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { isBusy } from '../../state/jobs.ts';
import { chooseDestination, loadDestinations, sendExported } from '../../state/pacsActions.ts';
import { setPacs } from '../../state/pacsStore.ts';
import { clearJob } from '../../state/session.ts';
import { type SendResult, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { errorsOf } from './Checked.tsx';

const SHOWN = 4;

/** The step after an export: to a PACS that is set up. Nothing is sent before the button is pressed. */
export function SendExported(): ReactNode {
  const exported = useApp((state) => state.exported);
  const destinations = useApp((state) => state.destinations);
  const sendTo = useApp((state) => state.sendTo);
  const sent = useApp((state) => state.sent);
  const job = useApp((state) => state.jobs.send);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    setAsking(false);
    if (exported !== null) void loadDestinations();
  }, [exported]);
  if (exported === null) return null;
  const answer = (send: boolean) => {
    setAsking(false);
    if (send) void sendExported();
  };
  const isDicom = exported.output.files.every((file) => file.endsWith('.dcm'));
  return (
    <section className="stack" aria-labelledby="send-title">
      <h3 id="send-title">{text.pacs.send}</h3>
      {!isDicom && <p className="dim small">{text.pacs.dicomOnly}</p>}
      {isDicom && destinations !== undefined && destinations.length > 0 && (
        <>
          <NativeSelect
            label={text.pacs.sendTo}
            value={sendTo ?? ''}
            disabled={isBusy(job)}
            data={destinations.map(({ name }) => name)}
            onChange={(event) => chooseDestination(event.currentTarget.value)}
          />
          {isBusy(job) ? (
            <JobProgress kind="send" />
          ) : isAsking ? (
            <AskOnceMore onAnswer={answer} />
          ) : (
            <Button
              fullWidth
              variant={sent === null ? 'filled' : 'default'}
              disabled={sendTo === null}
              onClick={() => (errorsOf(exported.validation) > 0 ? setAsking(true) : void sendExported())}
            >
              {sent === null ? text.pacs.sendStart : text.pacs.sendAgain}
            </Button>
          )}
        </>
      )}
      {isDicom && (
        <div>
          <Button
            variant="default"
            size="compact-xs"
            disabled={isBusy(job)}
            onClick={() => setPacs({ page: 'settings' })}
          >
            {text.pacs.setUp}
          </Button>
        </div>
      )}
      {job?.status === 'cancelled' && (
        <p className="dim small" role="status">
          {text.pacs.sendCancelled}
        </p>
      )}
      {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('send')} />}
      {sent !== null && <Sent sent={sent} />}
    </section>
  );
}

/** Errors were found: nothing is sent by one click. */
export function AskOnceMore({ onAnswer }: { readonly onAnswer: (send: boolean) => void }): ReactNode {
  return (
    <div className="stack" role="alertdialog" aria-label={text.check.ask}>
      <p className="small">{text.check.ask}</p>
      <div className="row">
        <Button color="red" onClick={() => onAnswer(true)}>
          {text.check.sendAnyway}
        </Button>
        <Button variant="default" autoFocus onClick={() => onAnswer(false)}>
          {text.check.doNotSend}
        </Button>
      </div>
    </div>
  );
}

export function Sent({ sent }: { readonly sent: SendResult }): ReactNode {
  const failed = [...sent.failed, ...sent.refused];
  return (
    <div className="outcome" role="status" data-sent={sent.stored} data-failed={failed.length}>
      <p className="row">
        {failed.length === 0 && <CircleCheck size={15} aria-hidden className="good" />}
        {text.pacs.sent(sent.stored, sent.destination)}
      </p>
      {sent.alreadyThere > 0 && <p className="small">{text.pacs.alreadyThere(sent.alreadyThere)}</p>}
      {sent.warnings.length > 0 && <p className="small">{text.pacs.remarks(sent.warnings.length)}</p>}
      {failed.length > 0 && (
        <ErrorNotice error={{ code: 'refused-by-peer', message: text.pacs.notSent(failed.length) }}>
          <ul className="files small">
            {failed.slice(0, SHOWN).map((one) => (
              <li key={one.path}>{one.message}</li>
            ))}
            {failed.length > SHOWN && <li>{text.export.more(failed.length - SHOWN)}</li>}
          </ul>
        </ErrorNotice>
      )}
    </div>
  );
}
