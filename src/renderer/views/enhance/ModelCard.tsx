import type { ReactNode } from 'react';
import { Markdown } from '../../components/Markdown.tsx';
import type { ModelSummary } from '../../state/store.ts';
import { text } from '../../text.ts';

/** What a model's card knows, as structure: trained on, measured, limits; its whole text below. */
export function ModelCard({ model }: { readonly model: ModelSummary }): ReactNode {
  const { details } = model;
  const { trainedOn, training, limits, robustness } = details;
  const words = text.enhance.cardWords;
  const contrasts =
    model.reference === null
      ? text.contrasts[model.target]
      : `${text.contrasts[model.target]} ← ${text.contrasts[model.reference]}`;
  const rows: readonly (readonly [string, string])[] = [
    [text.enhance.state, standingWords(model)],
    [text.enhance.madeFor, `${contrasts}, ×${model.scale}`],
    [text.enhance.unseenGain, text.enhance.unseenGainWords(model.unseenGain)],
    ...(training === null
      ? []
      : [[words.learnedFrom, words.patients(training.patients, training.scans)] as const]),
    ...(trainedOn === null
      ? ([[words.trainedOn, words.notKnown]] as const)
      : ([
          [words.spacing, words.range(trainedOn.spacingMm, text.units.mm)],
          [words.matrix, words.range(trainedOn.matrix, '')],
          [words.thickness, words.range(trainedOn.sliceThicknessMm, text.units.mm)],
        ] as const)),
    [words.network, details.network],
    [text.enhance.parameters, model.parameters.toLocaleString(text.locale)],
    [text.enhance.version, model.version],
    [text.enhance.intendedUse, model.intendedUse],
    [text.enhance.licence, model.licence],
  ];
  return (
    <details className="model-card">
      <summary className="dim small">{text.enhance.card}</summary>
      <dl className="facts small">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Measured model={model} />
      {robustness.length > 0 && (
        <>
          <p className="small markdown-heading">{words.wrongReference}</p>
          <Table
            head={[words.reference, words.psnrInside]}
            rows={robustness[0]!.rows.map(({ disturbance, psnrInside }) => [
              disturbance,
              psnrInside.toFixed(2),
            ])}
          />
        </>
      )}
      {limits.length > 0 && (
        <>
          <p className="small markdown-heading">{words.limits}</p>
          <ul className="reasons small">
            {limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary className="dim small">{words.whole}</summary>
        <Markdown source={model.card} />
      </details>
    </details>
  );
}

function standingWords({ standing }: ModelSummary): string {
  const state = text.enhance.states[standing.state];
  return standing.isDefault ? `${state}, ${text.enhance.isDefault}` : state;
}

/** Gains over interpolation on scans that it never saw; on those it learned from they would prove nothing. */
function Measured({ model }: { readonly model: ModelSummary }): ReactNode {
  const words = text.enhance.cardWords;
  const unseen = model.details.measured.filter(({ trainedOn }) => !trainedOn);
  if (unseen.length === 0) return <p className="small">{words.notMeasured}</p>;
  const rows = unseen.flatMap(({ case: name, methods }) => {
    const [own, base] = [methods[model.id], methods['zero-fill']];
    if (own === undefined || base === undefined) return [];
    const gain = own.psnrInside - base.psnrInside;
    return [
      [
        name,
        `${base.psnrInside.toFixed(2)} → ${own.psnrInside.toFixed(2)}`,
        words.decibels(gain),
        `${base.ssimInside.toFixed(3)} → ${own.ssimInside.toFixed(3)}`,
      ],
    ];
  });
  return (
    <>
      <p className="small markdown-heading">{words.measured}</p>
      <Table head={[words.scan, words.psnrInside, words.gain, words.ssimInside]} rows={rows} />
    </>
  );
}

function Table(props: {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keys
    <div className="table-scroll small" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.head.map((cell) => (
              <th key={cell} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, n) => (
                <td key={props.head[n]} className="numbers">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
