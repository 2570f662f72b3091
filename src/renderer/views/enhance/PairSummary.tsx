import type { ReactNode } from 'react';
import { seriesName } from '../../components/names.ts';
import { seriesByUid, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** The pair that is to be enhanced, in two lines. */
export function PairSummary(): ReactNode {
  const target = useApp((state) => seriesByUid(state, state.targetUid));
  const reference = useApp((state) => seriesByUid(state, state.referenceUid));
  return (
    <dl className="pair-summary">
      <dt className="role target">{text.columns.target}</dt>
      <dd>{target === undefined ? '–' : seriesName(target)}</dd>
      <dt className="role reference">{text.columns.reference}</dt>
      <dd>{reference === undefined ? '–' : seriesName(reference)}</dd>
    </dl>
  );
}
