import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { ErrorData } from '../../../core/errors.ts';
import { overallLikeness } from '../../../core/suitability.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { useAlign } from '../../state/align.ts';
import { needsYes } from '../../state/alignActions.ts';
import { byWorth, enhanceWithAll, usableModels } from '../../state/enhanceActions.ts';
import { likenessOf } from '../../state/likeness.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { LikenessSign } from './Suitability.tsx';

/** The models that could enhance this pair beside each other, both scales; several can be queued at once. */
export function ModelTable(): ReactNode {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  const blocked = useAlign(needsYes);
  useAlign((state) => state.withoutReference);
  const models = useApp(
    useShallow((state) =>
      ([2, 4] as const).flatMap((scale) => byWorth(usableModels({ ...state, scale }), state)),
    ),
  );
  const state = useApp.getState();
  const words = text.enhance.table;
  if (models.length < 2) return null;
  const wanted = models.filter(({ id }) => chosen.includes(id));
  const queue = async (): Promise<void> => {
    setError(await enhanceWithAll(wanted));
    setChosen([]);
  };
  return (
    <details className="model-table">
      <summary className="dim small">{words.title(models.length)}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keys */}
      <div className="table-scroll small" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.model}</th>
              <th scope="col">{words.gain}</th>
              <th scope="col">{words.like}</th>
              <th scope="col">{words.slice}</th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => {
              const likeness = overallLikeness(likenessOf(state, model));
              const { performance } = model.details;
              return (
                <tr key={model.id} data-model={model.id}>
                  <th scope="row">
                    <label className="row">
                      <input
                        type="checkbox"
                        checked={chosen.includes(model.id)}
                        onChange={(event) =>
                          setChosen(
                            event.currentTarget.checked
                              ? [...chosen, model.id]
                              : chosen.filter((id) => id !== model.id),
                          )
                        }
                      />
                      {text.enhance.marked(model.id, model.standing.state)}
                    </label>
                  </th>
                  <td className="numbers">
                    {model.unseenGain === null
                      ? '–'
                      : text.enhance.cardWords.decibels(model.unseenGain.psnrInside)}
                  </td>
                  <td>
                    <span className="row">
                      <LikenessSign likeness={likeness} />
                      {words.likeness[likeness]}
                    </span>
                  </td>
                  <td className="numbers">
                    {performance === null ? '–' : text.units.seconds(performance.secondsPerSlice)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="dim small">{words.note}</p>
      <Button
        variant="default"
        size="compact-xs"
        disabled={wanted.length === 0 || blocked}
        onClick={() => void queue()}
      >
        {words.queue(wanted.length)}
      </Button>
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
    </details>
  );
}
