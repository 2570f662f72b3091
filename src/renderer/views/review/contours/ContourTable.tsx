import { Checkbox, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNotice } from '../../../components/ErrorNotice.tsx';
import { contoursCsv } from '../../../measure/contoursCsv.ts';
import { setTruth } from '../../../state/contourActions.ts';
import { type ContourRow, contourRows } from '../../../state/contourRows.ts';
import { baseOutline, outlineName, setContours, useContours } from '../../../state/contours.ts';
import { useView } from '../../../state/view.ts';
import { text } from '../../../text.ts';

const words = text.contours;

/** Volumes, differences and agreement of the outlines, against the acquired image's and against a truth. */
export function ContourTable(): ReactNode {
  const { outlines, compared, comparing, compareError, label } = useContours(
    useShallow(({ outlines, compared, comparing, compareError, label }) => ({
      outlines,
      label,
      compared,
      comparing,
      compareError,
    })),
  );
  const rows = contourRows(outlines, compared, label);
  const base = baseOutline(outlines);
  const truthMl = compared?.result.truthMl ?? null;
  if (base === undefined) return null;
  return (
    <section className="stack" aria-label={words.table} data-compared={compared !== null && !comparing}>
      <span className="row">
        <span className="field-label grow">{words.table}</span>
        {comparing && (
          <span className="dim small" role="status">
            {words.measuring}
          </span>
        )}
      </span>
      <Numbers
        caption={words.caption(outlineName(base))}
        rows={rows}
        agreement="toBase"
        showsDifference={outlines.length > 1}
      />
      <Truth />
      {truthMl !== null && (
        <Numbers caption={words.caption(words.truthName)} rows={rows} agreement="toTruth" truthMl={truthMl} />
      )}
      {compareError !== undefined && (
        <ErrorNotice error={compareError} onDismiss={() => setContours({ compareError: undefined })} />
      )}
      {(compared?.result.warnings ?? []).map(({ code, message }) => (
        <p key={`${code} ${message}`} className="small warn" data-code={code}>
          {message}
        </p>
      ))}
      <div>
        <CopyButton
          label={words.copyCsv}
          value={() =>
            contoursCsv(rows, truthMl === null ? null : { name: words.truthRow, ml: truthMl }, label)
          }
        />
      </div>
    </section>
  );
}

function Numbers(props: {
  readonly caption: string;
  readonly rows: readonly ContourRow[];
  readonly agreement: 'toBase' | 'toTruth';
  readonly showsDifference?: boolean;
  readonly truthMl?: number;
}): ReactNode {
  const { caption, rows, agreement, showsDifference = false, truthMl } = props;
  const { columns } = words;
  const isTruth = agreement === 'toTruth';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls a wide table with the arrow keys
    <section className="table-scroll" aria-label={caption} tabIndex={0}>
      <table className="contour-table numbers small" data-agreement-with={isTruth ? 'truth' : 'base'}>
        <caption className="dim">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{columns.image}</th>
            <th scope="col">{columns.ml}</th>
            {showsDifference && <th scope="col">{columns.difference}</th>}
            <th scope="col">{columns.dice}</th>
            <th scope="col">
              <abbr title={words.hd95Long}>{columns.hd95}</abbr>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { outline, ml, differenceMl, differencePercent } = row;
            const agreed = row[agreement];
            const isSelf = row.isBase && !isTruth;
            return (
              <tr key={outline.image} data-image={outline.kind}>
                <th scope="row" title={outline.detail}>
                  {outlineName(outline)}
                </th>
                <td>{ml === undefined ? words.pending : ml.toFixed(2)}</td>
                {showsDifference && (
                  <td>
                    {differenceMl === undefined
                      ? isSelf
                        ? words.none
                        : words.pending
                      : words.difference(differenceMl, differencePercent ?? null)}
                  </td>
                )}
                <td>{isSelf ? words.none : (agreed?.dice.toFixed(3) ?? words.pending)}</td>
                <td>
                  {isSelf || agreed?.hd95Mm === null
                    ? words.none
                    : (agreed?.hd95Mm.toFixed(1) ?? words.pending)}
                </td>
              </tr>
            );
          })}
          {truthMl !== undefined && (
            <tr data-image="truth">
              <th scope="row">{words.truthRow}</th>
              <td>{truthMl.toFixed(2)}</td>
              <td>{words.none}</td>
              <td>{words.none}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

/** Whether the labels of a file are the truth, and which of them. */
function Truth(): ReactNode {
  const labelmap = useView((view) => view.labelmap);
  const { isTruth, truthValue } = useContours(
    useShallow(({ isTruth, truthValue }) => ({ isTruth, truthValue })),
  );
  if (labelmap === null) return <p className="dim small">{words.noTruth}</p>;
  return (
    <>
      <Checkbox
        label={words.truthIs}
        description={labelmap.name}
        checked={isTruth}
        onChange={(event) => setTruth({ isTruth: event.currentTarget.checked })}
      />
      {isTruth && labelmap.labels.length > 1 && (
        <NativeSelect
          label={words.truthWhich}
          value={truthValue === null ? '' : String(truthValue)}
          data={[
            { value: '', label: words.truthAll },
            ...labelmap.labels.map(({ value, name }) => ({ value: String(value), label: name })),
          ]}
          onChange={(event) =>
            setTruth({
              truthValue: event.currentTarget.value === '' ? null : Number(event.currentTarget.value),
            })
          }
        />
      )}
    </>
  );
}
