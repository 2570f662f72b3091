import { Modal, Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { isBusy } from '../../state/jobs.ts';
import { loadDestinations } from '../../state/pacsActions.ts';
import { PACS_PAGES, type PacsPage, setPacs, usePacs } from '../../state/pacsStore.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { Destinations, type Edited } from '../settings/Destinations.tsx';
import { FindPage } from './FindPage.tsx';
import { ReceivePage } from './ReceivePage.tsx';

/** Everything with a PACS: find and fetch, receive, and the ones that are set up. */
export function PacsSheet(): ReactNode {
  const page = usePacs((state) => state.page);
  const [edited, setEdited] = useState<Edited>(undefined);
  const close = (): void => {
    setEdited(undefined);
    setPacs({ page: null });
  };
  const title =
    edited === undefined
      ? text.pacs.title
      : edited === 'new'
        ? text.pacs.newTitle
        : text.pacs.editTitle(edited.name);
  return (
    <Modal
      opened={page !== null}
      onClose={close}
      title={title}
      size={edited === undefined ? 'min(1080px, 100%)' : 'lg'}
      closeButtonProps={{ 'aria-label': text.help.close }}
      data-pacs={page ?? undefined}
    >
      {page !== null &&
        (edited === undefined ? (
          <Pages page={page} onEdit={setEdited} />
        ) : (
          <Destinations edited={edited} onEdit={setEdited} />
        ))}
    </Modal>
  );
}

function Pages(props: { readonly page: PacsPage; readonly onEdit: (edited: Edited) => void }): ReactNode {
  const { page, onEdit } = props;
  const isReceiving = useApp((state) => isBusy(state.jobs.receive));
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  useEffect(() => {
    void loadDestinations().then(setError);
  }, []);
  return (
    <Tabs
      value={page}
      onChange={(value) => setPacs({ page: PACS_PAGES.find((one) => one === value) ?? 'find' })}
      keepMounted={false}
    >
      <Tabs.List>
        {PACS_PAGES.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {text.pacs.pages[one]}
            {one === 'receive' && isReceiving && <span className="on-air">{text.pacsReceive.on}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
      <Tabs.Panel value="find" pt="md">
        <FindPage />
      </Tabs.Panel>
      <Tabs.Panel value="receive" pt="md">
        <ReceivePage />
      </Tabs.Panel>
      <Tabs.Panel value="settings" pt="md">
        <Destinations edited={undefined} onEdit={onEdit} />
      </Tabs.Panel>
    </Tabs>
  );
}
