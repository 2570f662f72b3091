import { Modal, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { closeModels } from '../../state/modelsActions.ts';
import { MODELS_PAGES, setModels, useModels } from '../../state/modelsStore.ts';
import { text } from '../../text.ts';
import { FinetunePage } from '../finetune/FinetunePage.tsx';
import { ModelsPage } from './ModelsPage.tsx';
import { ReportPage } from './ReportPage.tsx';

/** The models: what state each is in and why, what becomes of a site's own, and how one is made. */
export function ModelsSheet(): ReactNode {
  const { isOpen, report } = useModels();
  return (
    <Modal
      opened={isOpen}
      onClose={closeModels}
      title={report === null ? text.models.title : text.models.reportOf(report.model)}
      size="min(1080px, 100%)"
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      {isOpen && (report === null ? <Pages /> : <ReportPage report={report} />)}
    </Modal>
  );
}

function Pages(): ReactNode {
  const page = useModels((state) => state.page);
  return (
    <Tabs
      value={page}
      onChange={(value) =>
        setModels({ page: MODELS_PAGES.find((one) => one === value) ?? 'list', change: null })
      }
      keepMounted={false}
    >
      <Tabs.List>
        {MODELS_PAGES.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {text.models.pages[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="list" pt="md">
        <ModelsPage />
      </Tabs.Panel>
      <Tabs.Panel value="finetune" pt="md">
        <FinetunePage />
      </Tabs.Panel>
    </Tabs>
  );
}
