import type { ReactNode } from 'react';
import { describeVolumes, type RepeatedSeries } from '../../../core/contract/repetitions.ts';
import { formatSize, formatSpacing, seriesName } from '../../components/names.ts';
import { WarningList } from '../../components/WarningList.tsx';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** One series: what it is, why it is taken for that contrast, and what is wrong with it. */
export function SeriesItem({ repeated }: { readonly repeated: RepeatedSeries }): ReactNode {
  const { series, volumes } = repeated;
  const role = useApp((state) =>
    volumes.some(({ uid }) => uid === state.targetUid)
      ? 'target'
      : volumes.some(({ uid }) => uid === state.referenceUid)
        ? 'reference'
        : undefined,
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
      {volumes.length > 1 && <div className="dim small">{describeVolumes(repeated)}</div>}
      <details>
        <summary className="dim small">{text.studies.why}</summary>
        <p className="small why">{series.contrast.why}</p>
      </details>
      <WarningList warnings={series.warnings} />
    </li>
  );
}
