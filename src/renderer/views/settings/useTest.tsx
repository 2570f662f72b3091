import { CircleCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { RequestInput } from '../../../core/contract/operations.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { testDestination } from '../../state/pacsActions.ts';
import { text } from '../../text.ts';

interface Test {
  readonly busy: boolean;
  /** Milliseconds, or why there was no answer; undefined before the first. */
  readonly outcome: number | ErrorData | undefined;
  readonly run: (peer: RequestInput<'pacsEcho'>['peer']) => void;
  readonly forget: () => void;
}

/** Tries whether a PACS answers. */
export function useTest(): Test {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<number | ErrorData | undefined>(undefined);
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
  if (typeof outcome !== 'number') {
    return <ErrorNotice error={outcome} title={text.pacs.notAnswered} onDismiss={forget} />;
  }
  return (
    <p className="row small" role="status">
      <CircleCheck size={14} aria-hidden className="good" /> {text.pacs.answered(outcome)}
    </p>
  );
}
