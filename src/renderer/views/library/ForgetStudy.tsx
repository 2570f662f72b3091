import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { LibraryStudy } from '../../../core/contract/library.ts';
import { forgetStudy } from '../../state/library.ts';
import { text } from '../../text.ts';

/** Takes a study out of the library, after saying what goes with it. */
export function ForgetStudy({ study }: { readonly study: LibraryStudy }): ReactNode {
  const [asking, setAsking] = useState(false);
  const stored = study.enhancements.filter((made) => made.stored).length;
  const close = (): void => setAsking(false);
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={() => setAsking(true)}>
        {text.library.forget}
      </Button>
      <Modal
        opened={asking}
        onClose={close}
        title={text.library.forgetTitle}
        closeButtonProps={{ 'aria-label': text.help.close }}
      >
        <div className="stack">
          <p>{text.library.forgetWhat(stored)}</p>
          {study.isCopy && <p className="mark-missing">{text.library.forgetCopies}</p>}
          <div className="row end">
            <Button variant="default" onClick={close}>
              {text.library.cancel}
            </Button>
            <Button
              onClick={() => {
                close();
                void forgetStudy(study.uid);
              }}
            >
              {text.library.forgetYes}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
