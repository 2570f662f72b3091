import type { ReactNode } from 'react';
import type { FoundTuningCases } from '../../state/finetuneStore.ts';
import { text } from '../../text.ts';
import { CaseTable, LeftOut } from './CaseTable.tsx';

/** What the folders hold: cases, people under two names, and what is left out with its reason. */
export function CasesFound({ found }: { readonly found: FoundTuningCases }): ReactNode {
  return (
    <div className="stack" data-cases={found.cases.length}>
      <CaseTable
        cases={found.cases.map(({ split, registration, ...one }) => ({
          ...one,
          side: undefined,
          registration: registration ?? null,
        }))}
      />
      <p className="dim small">{text.finetune.lookedFirst}</p>
      {found.samePeople.length > 0 && (
        <>
          <p className="small warn">{text.finetune.samePeople}</p>
          <ul className="reasons small">
            {found.samePeople.map(({ words }) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </>
      )}
      <LeftOut leftOut={found.leftOut} />
    </div>
  );
}
