import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useAlign } from '../../state/align.ts';
import { isBusy } from '../../state/jobs.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** What is known of the position that is shown, in a physicist's words. */
export function Verdict(): ReactNode {
  const { by, verdict } = useAlign((state) => state.position);
  const judging = useApp((state) => isBusy(state.jobs.judge));
  const registering = useApp((state) => isBusy(state.jobs.align));
  if (registering) return null;
  if (verdict === undefined) {
    return (
      <section className="verdict" aria-label={text.align.verdictTitle} data-verdict="">
        <h3>{text.align.placedBy[by]}</h3>
        <p className="dim small" role="status">
          {judging ? text.align.judging : text.align.notJudged}
        </p>
      </section>
    );
  }
  const { registration, motion } = verdict;
  const trusted = registration.verdict === 'trusted';
  const rows: readonly (readonly [string, string])[] = [
    [text.align.information, text.align.informationValue(registration.miBefore, registration.miAfter)],
    [text.align.overlap, text.align.overlapValue(registration.overlap)],
    [text.align.turned, text.align.turnedWords(motion.rotationDeg)],
    [text.align.moved, text.align.movedWords(motion.translationMm)],
  ];
  return (
    <section
      className={trusted ? 'verdict' : 'verdict notice-warn'}
      aria-label={text.align.verdictTitle}
      aria-live="polite"
      data-verdict={registration.verdict}
      data-placed-by={by}
    >
      <h3 className="row">
        {trusted ? (
          <CircleCheck size={15} aria-hidden className="good" />
        ) : (
          <TriangleAlert size={15} aria-hidden className="warning-icon" />
        )}
        {text.align.verdicts[registration.verdict]}
        <span className="dim small">{text.align.placedBy[by]}</span>
      </h3>
      <dl className="facts small">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="numbers">{value}</dd>
          </div>
        ))}
      </dl>
      <ul className="reasons small">
        {registration.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </section>
  );
}
