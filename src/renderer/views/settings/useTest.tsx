import { CircleCheck, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { RequestInput, Result } from '../../../core/contract/operations.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { testDestination } from '../../state/pacsActions.ts';
import { text } from '../../text.ts';

type Outcome = Result<'pacsEcho'> | ErrorData;

interface Test {
  readonly busy: boolean;
  /** The answer, or why there was none; undefined before the first. */
  readonly outcome: Outcome | undefined;
  readonly run: (peer: RequestInput<'pacsEcho'>['peer']) => void;
  readonly forget: () => void;
}

/** Tries whether a PACS answers. */
export function useTest(): Test {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  return {
    busy,
    outcome,
    run: (peer) => {
      setBusy(true);
      setOutcome(undefined);
      void testDestination(peer).then((answer) => {
        setBusy(false);
        setOutcome(answer);
      });
    },
    forget: () => setOutcome(undefined),
  };
}

export function TestResult({ test }: { readonly test: Test }): ReactNode {
  const { outcome, forget } = test;
  if (outcome === undefined) return null;
  if ('code' in outcome) {
    return <ErrorNotice error={outcome} title={text.pacs.notAnswered} onDismiss={forget} />;
  }
  return (
    <div role="status">
      <p className="row small">
        <CircleCheck size={14} aria-hidden className="good" /> {text.pacs.answered(outcome.milliseconds)}
      </p>
      {outcome.warnings.map((warning) => (
        <p key={warning} className="row small">
          <TriangleAlert size={14} aria-hidden className="warning-icon" /> {warning}
        </p>
      ))}
    </div>
  );
}
