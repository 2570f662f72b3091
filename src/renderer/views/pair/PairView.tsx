import { Button, NativeSelect } from '@mantine/core';
import { ArrowUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SeriesSummary, StudySummary } from '../../../core/contract/schemas.ts';
import { Missing } from '../../components/Missing.tsx';
import { formatSpacing, seriesName } from '../../components/names.ts';
import { currentStudy, setApp, useApp } from '../../state/store.ts';
import { chooseReference, chooseTarget, swapPair } from '../../state/studyActions.ts';
import { text } from '../../text.ts';
import { OtherPairs, PairVerdict } from './PairVerdict.tsx';
import { SeriesChoice } from './SeriesChoice.tsx';

/** Which series is enhanced and which guides it: suggested with reasons, open to the user. */
export function PairView(): ReactNode {
  const study = useApp(currentStudy);
  if (study === undefined) return <Missing>{text.pair.nothing}</Missing>;
  return <PairChoice study={study} />;
}

function PairChoice({ study }: { readonly study: StudySummary }): ReactNode {
  const targetUid = useApp((state) => state.targetUid);
  const referenceUid = useApp((state) => state.referenceUid);
  return (
    <div className="panel-content">
      <p className="dim small">{text.pair.intro}</p>
      <NativeSelect
        label={text.pair.target}
        value={targetUid ?? ''}
        data={study.series.map((series) => ({ value: series.uid, label: optionLabel(series) }))}
        onChange={(event) => chooseTarget(event.currentTarget.value)}
      />
      <div className="row bottom">
        <NativeSelect
          className="grow"
          label={text.pair.reference}
          value={referenceUid ?? ''}
          data={[
            { value: '', label: text.pair.none },
            ...study.series.map((series) => ({
              value: series.uid,
              label: optionLabel(series),
              disabled: series.uid === targetUid,
            })),
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            chooseReference(value === '' ? null : value);
          }}
        />
        <Button
          variant="default"
          px={7}
          disabled={referenceUid === null}
          aria-label={text.pair.swap}
          title={text.pair.swap}
          onClick={swapPair}
        >
          <ArrowUpDown size={14} aria-hidden />
        </Button>
      </div>
      <PairVerdict study={study} />
      <OtherPairs study={study} />
      <SeriesChoice study={study} />
      <div className="panel-foot">
        <Button
          fullWidth
          disabled={targetUid === null}
          onClick={() => setApp({ task: referenceUid === null ? 'enhance' : 'align' })}
        >
          {text.pair.accept}
        </Button>
      </div>
    </div>
  );
}

function optionLabel(series: SeriesSummary): string {
  const contrast = text.contrasts[series.contrast.name];
  return `${seriesName(series)} — ${contrast}, ${formatSpacing(series.spacingMm)}`;
}
