import { type ReactNode, useEffect, useState } from 'react';
import { type ErrorData, toErrorData } from '../../../core/errors.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { workstation } from '../../state/session.ts';
import { text } from '../../text.ts';
import { diagnosticsText } from './diagnosticsText.ts';

/** Versions, machine, devices, models and last errors, to be copied into an issue. */
export function DiagnosticsPage(): ReactNode {
  const [told, setTold] = useState<string | undefined>(undefined);
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  useEffect(() => {
    let isShown = true;
    const ask = async (): Promise<void> => {
      try {
        const found = await workstation().call('diagnostics', {});
        if (isShown) setTold(diagnosticsText(found));
      } catch (thrown) {
        if (isShown) setError(toErrorData(thrown));
      }
    };
    void ask();
    return () => {
      isShown = false;
    };
  }, []);
  return (
    <div className="stack">
      <p className="dim small">{text.helpCentre.diagnosticsIntro}</p>
      {error !== undefined && <ErrorNotice error={error} />}
      {told === undefined && error === undefined && (
        <p className="dim" role="status">
          {text.helpCentre.collecting}
        </p>
      )}
      {told !== undefined && (
        <>
          <div className="row end">
            <CopyButton value={told} label={text.helpCentre.copy} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <section className="diagnostics" tabIndex={0} aria-label={text.helpCentre.text}>
            <pre className="mono">{told}</pre>
          </section>
        </>
      )}
    </div>
  );
}
