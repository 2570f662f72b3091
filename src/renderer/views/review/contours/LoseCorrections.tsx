import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useUnsaved } from '../../../state/unsaved.ts';
import { text } from '../../../text.ts';

/** Asks before corrections of an outline are lost that were written nowhere. */
export function LoseCorrections(): ReactNode {
  const answer = useUnsaved((state) => state.answer);
  const { title, words, keep, lose } = text.contours.lose;
  return (
    <Modal
      opened={answer !== null}
      onClose={() => answer?.(false)}
      title={title}
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      <div className="stack">
        <p>{words}</p>
        <div className="row end">
          <Button variant="default" onClick={() => answer?.(true)}>
            {lose}
          </Button>
          <Button data-autofocus onClick={() => answer?.(false)}>
            {keep}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
