import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Warning } from '../../core/contract/schemas.ts';
import { text } from '../text.ts';

/** Geometry and pair warnings in plain words, with where they happen. */
export function WarningList({ warnings }: { readonly warnings: readonly Warning[] }): ReactNode {
  if (warnings.length === 0) return null;
  return (
    <ul className="warnings">
      {warnings.map((warning) => (
        <li key={`${warning.code} ${warning.afterSlice ?? ''} ${warning.message}`} data-code={warning.code}>
          <TriangleAlert size={13} aria-hidden className="warning-icon" />
          <span>
            <strong>{text.warningTitles[warning.code]}</strong>
            <Place warning={warning} />
            <span className="dim"> {warning.message}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Place({ warning }: { readonly warning: Warning }): ReactNode {
  const parts = [
    warning.afterSlice === undefined ? undefined : text.studies.afterSlice(warning.afterSlice),
    warning.positionMm === undefined ? undefined : text.studies.positionMm(warning.positionMm),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? null : <span className="place"> {parts.join(', ')}.</span>;
}
