import type { ReactNode } from 'react';
import { useSettings } from '../../state/settings.ts';
import { text } from '../../text.ts';

export interface ListedCase {
  readonly name: string;
  readonly patient: string;
  /** Undefined where the parts are not drawn yet. */
  readonly side: keyof typeof text.finetune.sides | undefined;
  readonly slices: number;
  readonly registration: string | null;
  readonly notes: readonly string[];
}

export function CaseTable({ cases }: { readonly cases: readonly ListedCase[] }): ReactNode {
  const hidden = useSettings((settings) => settings.hidePatient);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls by keys
    <section className="table-place series-table" tabIndex={0} aria-label={text.finetune.cases}>
      <table className="table">
        <thead>
          <tr>
            {text.finetune.caseColumns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cases.map(({ name, patient, side, slices, registration, notes }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{hidden ? text.settings.hidden : patient}</td>
              <td>{side === undefined ? '' : text.finetune.sides[side]}</td>
              <td>{slices}</td>
              <td>{registration ?? ''}</td>
              <td>{notes.join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function LeftOut(props: {
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}): ReactNode {
  const { leftOut } = props;
  if (leftOut.length === 0) return null;
  return (
    <details open>
      <summary className="small">{text.finetune.leftOut(leftOut.length)}</summary>
      <ul className="reasons small">
        {leftOut.map(({ name, reason }) => (
          <li key={`${name} ${reason}`}>
            <strong>{name}</strong>: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
