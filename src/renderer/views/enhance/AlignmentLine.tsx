import { Button } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useAlign } from '../../state/align.ts';
import { needsYes } from '../../state/alignActions.ts';
import { setApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { Dropped } from '../align/AlignView.tsx';

/** Where the reference lies, in a line, and the way to change it. */
export function AlignmentLine(): ReactNode {
  const { position, accepted, withoutReference } = useAlign();
  const blocked = useAlign(needsYes);
  const words = text.enhance.aligned;
  const verdict = position.verdict?.registration.verdict;
  const told = withoutReference
    ? words.without
    : verdict === undefined
      ? words.later
      : `${text.align.placedBy[position.by]}, ${verdict === 'trusted' ? words.trusted : accepted ? words.accepted : words.untrusted}`;
  return (
    <>
      <Dropped />
      <div className={blocked ? 'notice notice-warn' : 'row'}>
        {blocked && <TriangleAlert size={14} aria-hidden className="notice-icon" />}
        <span className="grow small" data-alignment={withoutReference ? 'without' : (verdict ?? 'later')}>
          <span className="field-label">{text.enhance.registration}</span>
          {': '}
          {told}
        </span>
        <Button variant="default" size="compact-xs" onClick={() => setApp({ task: 'align' })}>
          {text.tasks.align}
        </Button>
      </div>
    </>
  );
}
