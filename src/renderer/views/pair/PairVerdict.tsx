import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { StudySummary } from '../../../core/contract/schemas.ts';
import { seriesName } from '../../components/names.ts';
import { WarningList } from '../../components/WarningList.tsx';
import { chosenPair, useApp } from '../../state/store.ts';
import { changePair } from '../../state/studyActions.ts';
import { text } from '../../text.ts';

/** What the study says about the chosen pair. */
export function PairVerdict({ study }: { readonly study: StudySummary }): ReactNode {
  const pair = useApp(chosenPair);
  const referenceUid = useApp((state) => state.referenceUid);
  if (pair === undefined) {
    return <p className="dim small">{referenceUid === null ? text.pair.alone : text.pair.notSuggested}</p>;
  }
  const best = study.pairs[0] === pair;
  return (
    <section className="verdict" aria-label={text.pair.suggested}>
      <div className="row">
        <h3 className="grow">{best ? text.pair.suggested : text.pair.reasons}</h3>
        <span className="dim small numbers">
          {text.pair.score} {Math.round(pair.score * 100)} %
        </span>
      </div>
      <ul className="reasons small">
        {pair.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <WarningList warnings={pair.warnings} />
    </section>
  );
}

export function OtherPairs({ study }: { readonly study: StudySummary }): ReactNode {
  const chosen = useApp(chosenPair);
  const others = study.pairs.filter((pair) => pair !== chosen).slice(0, 5);
  if (others.length === 0) return null;
  const name = (uid: string): string => {
    const series = study.series.find((candidate) => candidate.uid === uid);
    return series === undefined ? uid : seriesName(series);
  };
  return (
    <section>
      <h3>{text.pair.others}</h3>
      <ul className="other-pairs">
        {others.map((pair) => (
          <li key={`${pair.target} ${pair.reference}`} className="row">
            <span className="grow small">
              {name(pair.target)} ← {name(pair.reference)}
            </span>
            <span className="dim small numbers">{Math.round(pair.score * 100)} %</span>
            <Button
              variant="default"
              size="compact-xs"
              aria-label={`${text.pair.use}: ${name(pair.target)} ← ${name(pair.reference)}`}
              onClick={() => changePair(pair.target, pair.reference)}
            >
              {text.pair.use}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
