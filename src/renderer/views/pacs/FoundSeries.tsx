import { Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { toggleAllSeries, toggleSeries } from '../../state/findActions.ts';
import { type Match, usePacs } from '../../state/pacsStore.ts';
import { text } from '../../text.ts';

/** The series of the chosen study, each to be fetched or left. */
export function FoundSeries(props: {
  readonly series: readonly Match[];
  readonly disabled: boolean;
}): ReactNode {
  const { series, disabled } = props;
  const chosen = usePacs((state) => state.chosenSeries);
  const { columns } = text.pacsFind;
  return (
    <section className="table-place series-table" aria-label={text.pacsFind.seriesList}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">
              <Checkbox
                aria-label={text.pacsFind.all}
                checked={chosen.length === series.length}
                indeterminate={chosen.length > 0 && chosen.length < series.length}
                disabled={disabled}
                onChange={toggleAllSeries}
              />
            </th>
            <th scope="col" className="number">
              {columns.number}
            </th>
            <th scope="col">{columns.series}</th>
            <th scope="col">{columns.modality}</th>
            <th scope="col">{columns.protocol}</th>
            <th scope="col" className="number">
              {columns.images}
            </th>
          </tr>
        </thead>
        <tbody>
          {series.map((one) => {
            const uid = one.SeriesInstanceUID ?? '';
            const name = one.SeriesDescription?.trim() || text.pacsFind.undescribed;
            return (
              <tr key={uid} data-match={uid}>
                <td>
                  <Checkbox
                    aria-label={text.pacsFind.choose(one.SeriesNumber, name)}
                    checked={chosen.includes(uid)}
                    disabled={disabled}
                    onChange={() => toggleSeries(uid)}
                  />
                </td>
                <td className="number numbers">{one.SeriesNumber}</td>
                <th scope="row">{name}</th>
                <td>{one.Modality}</td>
                <td>{one.ProtocolName}</td>
                <td className="number numbers">
                  {one.NumberOfSeriesRelatedInstances ?? text.pacsFind.unknown}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
