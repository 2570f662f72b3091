import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SeriesSummary, StudySummary } from '../../../core/contract/schemas.ts';
import { formatSize, formatSpacing, seriesName } from '../../components/names.ts';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { useApp } from '../../state/store.ts';
import { chooseReference, chooseTarget } from '../../state/studyActions.ts';
import { text } from '../../text.ts';

/** Every series of the study with a picture of its middle, to be made the target or the reference with a click. */
export function SeriesChoice({ study }: { readonly study: StudySummary }): ReactNode {
  return (
    <section aria-label={text.pair.series}>
      <h3>{text.pair.series}</h3>
      <ul className="pair-series">
        {study.series.map((series) => (
          <SeriesLine key={series.uid} series={series} studyUid={study.uid} />
        ))}
      </ul>
    </section>
  );
}

function SeriesLine(props: { readonly series: SeriesSummary; readonly studyUid: string }): ReactNode {
  const { series, studyUid } = props;
  const isTarget = useApp((state) => state.targetUid === series.uid);
  const isReference = useApp((state) => state.referenceUid === series.uid);
  const paths = useApp((state) => state.paths);
  const name = seriesName(series);
  return (
    <li data-pair-series={series.uid}>
      <Thumbnail studyUid={studyUid} seriesUid={series.uid} paths={paths} />
      <div className="library-words small">
        <span>
          <span className="contrast">{text.contrasts[series.contrast.name]}</span> {name}
        </span>
        <span className="dim numbers">
          {formatSize(series.size)} · {formatSpacing(series.spacingMm)}
        </span>
        <div className="row wrap">
          <Button
            variant={isTarget ? 'filled' : 'default'}
            size="compact-xs"
            aria-pressed={isTarget}
            aria-label={text.pair.asTarget(name)}
            onClick={() => chooseTarget(series.uid)}
          >
            {text.pair.target}
          </Button>
          <Button
            variant={isReference ? 'filled' : 'default'}
            size="compact-xs"
            aria-pressed={isReference}
            aria-label={text.pair.asReference(name)}
            disabled={isTarget}
            onClick={() => chooseReference(isReference ? null : series.uid)}
          >
            {text.pair.reference}
          </Button>
        </div>
      </div>
    </li>
  );
}
