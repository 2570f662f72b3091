import type { ReactNode } from 'react';
import type { RefusedFile } from '../../../core/contract/schemas.ts';
import { text } from '../../text.ts';

const SHOWN = 200;

/** Files that could not be read, folded away; the rest was read all the same. */
export function RefusedList({ refused }: { readonly refused: readonly RefusedFile[] }): ReactNode {
  if (refused.length === 0) return null;
  return (
    <details className="refused">
      <summary>{text.studies.refused(refused.length)}</summary>
      <ul>
        {refused.slice(0, SHOWN).map((file) => (
          <li key={file.path} className="small">
            <span className="mono path">{file.path}</span>
            <span className="dim"> {file.message}</span>
          </li>
        ))}
        {refused.length > SHOWN && <li className="dim small">{text.export.more(refused.length - SHOWN)}</li>}
      </ul>
    </details>
  );
}
