import type { ReactNode } from 'react';
import type { ModelState } from '../../../core/contract/modelStates.ts';
import { chooseModelRow } from '../../state/modelsActions.ts';
import type { ModelSummary } from '../../state/store.ts';
import { text } from '../../text.ts';
import { lastChange } from './modelWords.ts';

const ORDER: readonly ModelState[] = ['candidate', 'accepted', 'retired', 'shipped'];

/** A site's own first, those that wait for somebody before the others. */
export function inOrder(models: readonly ModelSummary[]): ModelSummary[] {
  const rank = ({ standing }: ModelSummary): number => ORDER.indexOf(standing.state);
  return [...models].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id));
}

export function ModelsTable(props: {
  readonly models: readonly ModelSummary[];
  readonly chosen: string | undefined;
}): ReactNode {
  const { columns, states } = text.models;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls by keys
    <section className="table-place studies-table" tabIndex={0} aria-label={text.models.list}>
      <table className="table">
        <thead>
          <tr>
            {Object.values(columns).map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.models.map((model) => (
            <tr key={model.path} data-state={model.standing.state} data-chosen={model.id === props.chosen}>
              <td>
                <button
                  type="button"
                  className="link"
                  aria-pressed={model.id === props.chosen}
                  onClick={() => chooseModelRow(model.id)}
                >
                  {model.id}
                </button>
              </td>
              <td>{madeFor(model)}</td>
              <td>{model.version}</td>
              <td>
                {states[model.standing.state]}
                {model.standing.isDefault && <span className="dim"> · {text.models.isDefault}</span>}
              </td>
              <td>{lastChange(model.standing) ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function madeFor({ target, reference, scale }: ModelSummary): string {
  const name = text.contrasts[target];
  return text.models.scans(reference === null ? name : `${name} ← ${text.contrasts[reference]}`, scale);
}
