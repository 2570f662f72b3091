import type { ReactNode } from 'react';
import { lastName } from '../../state/hostPaths.ts';
import { useSettings } from '../../state/settings.ts';
import { text } from '../../text.ts';

export interface ListedCase {
  readonly name: string;
  readonly patient: string;
  /** Where it is. Of DICOM the name is a hash and says nothing. */
  readonly path?: string | undefined;
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
          {cases.map(({ name, path, patient, side, slices, registration, notes }) => (
            <tr key={name}>
              <td>
                {name}
                <Place name={name} path={path} />
              </td>
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

/** The folder of a case whose name is not the folder's. A folder is often called as a patient is. */
function Place(props: { readonly name: string; readonly path: string | undefined }): ReactNode {
  const { name, path } = props;
  const hidden = useSettings((settings) => settings.hidePatient);
  if (path === undefined || hidden || lastName(path) === name) return null;
  return <div className="dim mono path">{path}</div>;
}

export function LeftOut(props: {
  readonly leftOut: readonly {
    readonly name: string;
    readonly path?: string | undefined;
    readonly reason: string;
  }[];
}): ReactNode {
  const { leftOut } = props;
  if (leftOut.length === 0) return null;
  return (
    <details open>
      <summary className="small">{text.finetune.leftOut(leftOut.length)}</summary>
      <ul className="reasons small">
        {leftOut.map(({ name, path, reason }) => (
          <li key={`${name} ${reason}`}>
            <strong>{name}</strong>: {reason}
            <Place name={name} path={path} />
          </li>
        ))}
      </ul>
    </details>
  );
}
