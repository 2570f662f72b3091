import { Button, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { Missing } from '../../components/Missing.tsx';
import { setAlign, useAlign } from '../../state/align.ts';
import {
  accept,
  centreOfTarget,
  goOnWithoutReference,
  register,
  resetToScanner,
  takeReferenceAgain,
} from '../../state/alignActions.ts';
import { redo, undo, useHistory } from '../../state/history.ts';
import { isBusy } from '../../state/jobs.ts';
import { clearJob } from '../../state/session.ts';
import { setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { PairSummary } from '../enhance/PairSummary.tsx';
import { AgreementCurve } from './AgreementCurve.tsx';
import { OverlayChoice } from './OverlayChoice.tsx';
import { PositionNumbers } from './PositionNumbers.tsx';
import { Verdict } from './Verdict.tsx';

/** How the reference lies on the target: seen, judged, corrected, accepted. */
export function AlignView(): ReactNode {
  const targetUid = useApp((state) => state.targetUid);
  const referenceUid = useApp((state) => state.referenceUid);
  if (targetUid === null) return <Missing>{text.align.nothing}</Missing>;
  if (referenceUid === null) {
    return (
      <>
        <Missing>{text.align.noReference}</Missing>
        <div className="panel-content">
          <Button variant="default" onClick={() => setApp({ task: 'pair' })}>
            {text.tasks.pair}
          </Button>
          <Button variant="default" onClick={() => setApp({ task: 'enhance' })}>
            {text.tasks.enhance}
          </Button>
        </div>
      </>
    );
  }
  return (
    <div className="panel-content">
      <PairSummary />
      <Registering />
      <Dropped />
      <Verdict />
      <AgreementCurve />
      <OverlayChoice />
      <Adjusting />
      <GoingOn />
    </div>
  );
}

/** A word on what was kept and is worth nothing any more. */
export function Dropped(): ReactNode {
  const dropped = useAlign((state) => state.dropped);
  if (!dropped) return null;
  return (
    <p className="notice notice-warn small" role="status" data-dropped="">
      {text.align.dropped}
    </p>
  );
}

function Registering(): ReactNode {
  const job = useApp((state) => state.jobs.align);
  const judging = useApp((state) => state.jobs.judge);
  const error = job?.error ?? judging?.error;
  return (
    <>
      <JobProgress kind="align" />
      {error !== undefined && (
        <ErrorNotice
          error={error}
          title={text.align.failed}
          onDismiss={() => {
            clearJob('align');
            clearJob('judge');
          }}
        />
      )}
    </>
  );
}

function Adjusting(): ReactNode {
  const adjusting = useAlign((state) => state.adjusting);
  const by = useAlign((state) => state.position.by);
  const busy = useApp((state) => isBusy(state.jobs.align));
  const canUndo = useHistory((state) => state.done.length > 0);
  const canRedo = useHistory((state) => state.undone.length > 0);
  return (
    <section className="stack" aria-label={text.align.adjust}>
      <Checkbox
        label={text.align.adjust}
        checked={adjusting}
        disabled={busy}
        onChange={(event) => setAlign({ adjusting: event.currentTarget.checked })}
      />
      {adjusting && <p className="dim small">{text.align.adjustHint}</p>}
      <PositionNumbers disabled={busy} />
      <div className="row wrap">
        <Button
          variant="default"
          size="compact-xs"
          disabled={busy}
          onClick={() => void register('anywhere', undefined)}
        >
          {text.align.register}
        </Button>
        <Button
          variant="default"
          size="compact-xs"
          disabled={busy}
          onClick={() => void register('here', centreOfTarget())}
        >
          {text.align.registerHere}
        </Button>
        <Button
          variant="default"
          size="compact-xs"
          disabled={busy || by === 'scanner'}
          onClick={resetToScanner}
        >
          {text.align.reset}
        </Button>
        <Button variant="default" size="compact-xs" disabled={busy || !canUndo} onClick={undo}>
          {text.align.undo}
        </Button>
        <Button variant="default" size="compact-xs" disabled={busy || !canRedo} onClick={redo}>
          {text.align.redo}
        </Button>
      </div>
    </section>
  );
}

function GoingOn(): ReactNode {
  const verdict = useAlign((state) => state.position.verdict?.registration.verdict);
  const without = useAlign((state) => state.withoutReference);
  const busy = useApp((state) => isBusy(state.jobs.align));
  if (without) {
    return (
      <div className="panel-foot stack">
        <p className="notice notice-warn small" role="status">
          {text.align.isWithout} {text.align.withoutNote}
        </p>
        <Button variant="default" onClick={takeReferenceAgain}>
          {text.align.takeAgain}
        </Button>
        <Button onClick={() => setApp({ task: 'enhance' })}>{text.tasks.enhance}</Button>
      </div>
    );
  }
  return (
    <div className="panel-foot stack">
      <Button disabled={busy || verdict === undefined} onClick={accept}>
        {verdict === 'untrusted' ? text.align.acceptUntrusted : text.align.accept}
      </Button>
      <Button variant="default" onClick={goOnWithoutReference} title={text.align.withoutNote}>
        {text.align.without}
      </Button>
    </div>
  );
}
