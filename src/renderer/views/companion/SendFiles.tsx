import { Button, NativeSelect } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { isBusy } from '../../state/jobs.ts';
import { chooseDestination, loadDestinations, sendFiles } from '../../state/pacsActions.ts';
import { clearJob } from '../../state/session.ts';
import { type SendResult, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { AskOnceMore, Sent } from '../export/SendExported.tsx';

/** Sends what was written to a PACS that is set up; where the check found errors, it asks once more. */
export function SendFiles(props: { readonly files: readonly string[]; readonly errors: number }): ReactNode {
  const { files, errors } = props;
  const destinations = useApp((state) => state.destinations);
  const sendTo = useApp((state) => state.sendTo);
  const job = useApp((state) => state.jobs.send);
  const [isAsking, setAsking] = useState(false);
  const [sent, setSent] = useState<SendResult | undefined>(undefined);
  useEffect(() => {
    clearJob('send');
    void loadDestinations();
  }, []);
  if (destinations === undefined || destinations.length === 0) return null;
  const send = async (): Promise<void> => {
    setAsking(false);
    setSent(undefined);
    setSent(await sendFiles(files));
  };
  if (isBusy(job)) return <JobProgress kind="send" />;
  return (
    <>
      {isAsking ? (
        <AskOnceMore onAnswer={(answer) => (answer ? void send() : setAsking(false))} />
      ) : (
        <div className="row bottom">
          <NativeSelect
            className="grow"
            label={text.pacs.sendTo}
            value={sendTo ?? ''}
            data={destinations.map(({ name }) => name)}
            onChange={(event) => chooseDestination(event.currentTarget.value)}
          />
          <Button variant="default" onClick={() => (errors > 0 ? setAsking(true) : void send())}>
            {sent === undefined ? text.pacs.sendStart : text.pacs.sendAgain}
          </Button>
        </div>
      )}
      {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('send')} />}
      {sent !== undefined && <Sent sent={sent} />}
    </>
  );
}
