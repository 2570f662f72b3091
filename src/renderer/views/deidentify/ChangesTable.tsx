import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Changes } from '../../state/deidentifyStore.ts';
import { text } from '../../text.ts';

/** What becomes of which attribute, and how often; values are never shown. */
export function ChangesTable({ changes }: { readonly changes: Changes }): ReactNode {
  const { columns, outcomes } = text.deidentify;
  return (
    <div className="stack">
      <PixelWarnings changes={changes} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard */}
      <section className="table-place changes" aria-label={text.deidentify.changes} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{columns.attribute}</th>
              <th scope="col">{columns.tag}</th>
              <th scope="col">{columns.outcome}</th>
              <th scope="col" className="number">
                {columns.elements}
              </th>
              <th scope="col" className="number">
                {columns.files}
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.attributes.map(({ tag, keyword, outcome, elements, files }) => (
              <tr key={`${tag} ${outcome}`} data-tag={tag} data-outcome={outcome}>
                <th scope="row">{keyword || text.deidentify.unknown}</th>
                <td className="mono nowrap">{tag}</td>
                <td>{outcomes[outcome]}</td>
                <td className="number numbers">{elements}</td>
                <td className="number numbers">{files}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

function PixelWarnings({ changes }: { readonly changes: Changes }): ReactNode {
  if (changes.warnings.length === 0) return null;
  return (
    <ul className="warnings">
      {changes.warnings.map(({ code, message, files }) => (
        <li key={code} data-code={code}>
          <TriangleAlert size={13} aria-hidden className="warning-icon" />
          <span>
            {message}
            <span className="dim">{text.check.inFiles(files)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
