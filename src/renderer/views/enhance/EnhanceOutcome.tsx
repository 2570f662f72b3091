import { Button } from '@mantine/core';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatSeconds, formatSize, formatSpacing, formatValue } from '../../components/names.ts';
import { isBusy } from '../../state/jobs.ts';
import { type EnhanceResult, setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { ResultChoice } from './ResultChoice.tsx';

/** What came of the last enhancement: the alignment's verdict with its numbers, and how it ran. */
export function EnhanceOutcome(): ReactNode {
  const enhanced = useApp((state) => state.enhanced);
  const busy = useApp((state) => isBusy(state.jobs.enhance));
  if (busy) return null;
  if (enhanced === null) return <ResultChoice />;
  const { result } = enhanced;
  return (
    <>
      <ResultChoice />
      <section className="outcome" aria-label={text.enhance.done} data-outcome={result.id}>
        <h3 className="row">
          <CircleCheck size={15} aria-hidden className="good" /> {text.enhance.done}
        </h3>
        {result.warnings.length > 0 && (
          <ul className="warnings">
            {result.warnings.map((warning) => (
              <li key={`${warning.code} ${warning.message}`} data-code={warning.code}>
                <TriangleAlert size={13} aria-hidden className="warning-icon" />
                <span>{warning.message}</span>
              </li>
            ))}
          </ul>
        )}
        <dl className="facts small">
          {facts(result).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{value}</dd>
            </div>
          ))}
        </dl>
        {result.registration.reasons.length > 0 && (
          <ul className="reasons small">
            {result.registration.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
      </section>
      <div className="panel-foot row">
        <Button className="grow" onClick={() => setApp({ task: 'review' })}>
          {text.enhance.review}
        </Button>
        <Button className="grow" variant="default" onClick={() => setApp({ task: 'export' })}>
          {text.enhance.exportIt}
        </Button>
      </div>
    </>
  );
}

function facts(result: EnhanceResult): (readonly [string, string])[] {
  const { registration, output } = result;
  const rows: (readonly [string, string])[] = [
    [text.enhance.model, result.model],
    ...(result.modelState === undefined
      ? []
      : [[text.enhance.state, text.enhance.states[result.modelState]] as const]),
    [text.enhance.verdict, text.enhance.verdicts[registration.verdict]],
  ];
  if (registration.miBefore !== null && registration.miAfter !== null) {
    rows.push([
      text.enhance.mi,
      `${formatValue(registration.miBefore)} → ${formatValue(registration.miAfter)}`,
    ]);
  }
  if (registration.verdict !== 'none') {
    rows.push([text.enhance.rotation, `${registration.rotationDeg.toFixed(2)}°`]);
    rows.push([text.enhance.translation, `${registration.translationMm.toFixed(2)} mm`]);
  }
  rows.push([text.enhance.overlap, `${(100 * registration.overlap).toFixed(1)} %`]);
  rows.push([text.enhance.size, formatSize(output.size)]);
  rows.push([text.enhance.spacing, formatSpacing(output.spacingMm)]);
  rows.push([
    text.enhance.deviceUsed,
    `${result.device}, ${text.enhance.workers(result.workers)}${result.tiled ? `, ${text.enhance.tiled}` : ''}`,
  ]);
  rows.push([text.enhance.seconds, formatSeconds(result.seconds)]);
  rows.push([text.enhance.memory, `${Math.round(result.peakMb)} MB`]);
  rows.push([text.enhance.clipped, String(result.clipped)]);
  return rows;
}
