import { CircleAlert, CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Likeness, type LikenessCheck, overallLikeness } from '../../../core/suitability.ts';
import { text } from '../../text.ts';

const ICONS = {
  alike: CircleCheck,
  beyond: TriangleAlert,
  unlike: CircleAlert,
  unknown: CircleHelp,
} as const;

/** A sign for how like the training a scan is; its colour is never all that tells it. */
export function LikenessSign({ likeness }: { readonly likeness: Likeness }): ReactNode {
  const Icon = ICONS[likeness];
  return <Icon size={14} aria-hidden className={`likeness ${likeness}`} />;
}

/** Whether this scan is like what the model was trained on, before anything is run. */
export function Suitability({ checks }: { readonly checks: readonly LikenessCheck[] }): ReactNode {
  if (checks.length === 0) return null;
  const overall = overallLikeness(checks);
  const odd = checks.filter(({ likeness }) => likeness !== 'alike');
  const alike = checks.filter(({ likeness }) => likeness === 'alike');
  return (
    <section className="verdict" aria-label={text.enhance.suitability} data-likeness={overall}>
      <h3 className="row">
        <LikenessSign likeness={overall} />
        {text.enhance.likeness[overall]}
      </h3>
      {odd.length > 0 && (
        <ul className="warnings">
          {odd.map(({ subject, likeness, message }) => (
            <li key={subject} data-subject={subject} data-likeness={likeness}>
              <LikenessSign likeness={likeness} />
              <span>{message}</span>
            </li>
          ))}
        </ul>
      )}
      {alike.length > 0 && (
        <details>
          <summary className="dim small">{text.enhance.alikeIn(alike.length)}</summary>
          <ul className="reasons small">
            {alike.map(({ subject, message }) => (
              <li key={subject}>{message}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
