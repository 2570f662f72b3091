import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { closeModels } from '../../state/modelsActions.ts';
import { useModels } from '../../state/modelsStore.ts';
import { text } from '../../text.ts';
import { ModelsPage } from './ModelsPage.tsx';
import { ReportPage } from './ReportPage.tsx';

/** The models: what state each is in and why, and what becomes of a site's own. */
export function ModelsSheet(): ReactNode {
  const isOpen = useModels((state) => state.isOpen);
  const report = useModels((state) => state.report);
  return (
    <Modal
      opened={isOpen}
      onClose={closeModels}
      title={report === null ? text.models.title : text.models.reportOf(report.model)}
      size="min(1080px, 100%)"
      closeButtonProps={{ 'aria-label': text.help.close }}
      data-models={report === null ? 'list' : 'report'}
    >
      {isOpen && (report === null ? <ModelsPage /> : <ReportPage report={report} />)}
    </Modal>
  );
}
