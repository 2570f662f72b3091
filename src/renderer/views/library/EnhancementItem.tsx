import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Enhancement } from '../../../core/contract/library.ts';
import { formatMoment } from '../../components/names.ts';
import { isBusy } from '../../state/jobs.ts';
import { removeResult } from '../../state/library.ts';
import { openEnhancement } from '../../state/openResult.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** One enhancement of the history: with which model, when, where it went; opened where it is stored. */
export function EnhancementItem({ made }: { readonly made: Enhancement }): ReactNode {
  const busy = useApp((state) => isBusy(state.jobs.open));
  const how = text.library.enhancement(made);
  const what = text.jobs.pair(made.target, made.reference);
  const name = `${how}, ${what}, ${formatMoment(made.madeAtMs)}`;
  return (
    <li className="row wrap" data-enhancement={made.id}>
      <span className="library-words small">
        <span>
          <span className="mark-enhanced">{how}</span> · {what}
        </span>
        <span className="dim">
          {formatMoment(made.madeAtMs)} · {text.devices[made.device]} · {text.enhance.verdict}:{' '}
          {text.enhance.verdicts[made.verdict]}
        </span>
        {made.exports.map(({ folder, atMs }) => (
          <span key={`${folder} ${atMs}`} className="dim">
            {text.library.exportedTo(folder)}, {formatMoment(atMs)}
          </span>
        ))}
      </span>
      {made.stored ? (
        <>
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={text.library.removeResultOf(name)}
            onClick={() => void removeResult(made.id)}
          >
            {text.library.removeResult}
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            disabled={busy}
            aria-label={text.library.openResultOf(name)}
            onClick={() => void openEnhancement(made)}
          >
            {text.library.openResult}
          </Button>
        </>
      ) : (
        <span className="dim small">{text.library.gone[made.removed ?? 'never']}</span>
      )}
    </li>
  );
}
