import type { ReactNode } from 'react';
import type { SeriesSummary } from '../../../core/contract/schemas.ts';
import { formatSize, formatSpacing, seriesName } from '../../components/names.ts';
import { WarningList } from '../../components/WarningList.tsx';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** One series: what it is, why it is taken for that contrast, and what is wrong with it. */
export function SeriesItem({ series }: { readonly series: SeriesSummary }): ReactNode {
  const role = useApp((state) =>
    state.targetUid === series.uid ? 'target' : state.referenceUid === series.uid ? 'reference' : undefined,
  );
  return (
    <li className="series" data-series={series.uid}>
      <div className="row">
        <span className="contrast" title={series.contrast.why}>
          {text.contrasts[series.contrast.name]}
        </span>
        <strong className="grow">{seriesName(series)}</strong>
        {role !== undefined && <span className={`role ${role}`}>{text.columns[role]}</span>}
      </div>
      <div className="dim small numbers">
        {formatSize(series.size)} · {formatSpacing(series.spacingMm)} ·{' '}
        {text.orientations[series.orientation]}
      </div>
      <details>
        <summary className="dim small">{text.studies.why}</summary>
        <p className="small why">{series.contrast.why}</p>
      </details>
      <WarningList warnings={series.warnings} />
    </li>
  );
}
