import { Button, Checkbox, Modal } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { setDeidentify, useDeidentify } from '../../state/deidentifyStore.ts';
import { previewExport } from '../../state/exportActions.ts';
import { isBusy } from '../../state/jobs.ts';
import { wordsOf } from '../../state/pacsWords.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { ChangesTable } from '../deidentify/ChangesTable.tsx';
import { DeidentifyFields } from '../deidentify/DeidentifyFields.tsx';

/** Whether the export is de-identified, how, and what that would change. */
export function ExportDeidentify({ disabled }: { readonly disabled: boolean }): ReactNode {
  const exporting = useDeidentify((state) => state.exporting);
  const draft = useDeidentify((state) => state.exportDraft);
  const preview = useDeidentify((state) => state.preview);
  const isDicom = useApp((state) => state.exportFormat === 'dicom');
  const job = useApp((state) => state.jobs.preview);
  useEffect(() => () => setDeidentify({ preview: null }), []);
  return (
    <div className="stack">
      <Checkbox
        label={text.deidentify.ofExport}
        checked={exporting}
        disabled={disabled}
        onChange={(event) => setDeidentify({ exporting: event.currentTarget.checked })}
      />
      {exporting && isDicom && (
        <div className="stack nested">
          <DeidentifyFields
            draft={draft}
            disabled={disabled}
            onChange={(exportDraft) => setDeidentify({ exportDraft })}
          />
          {isBusy(job) ? (
            <JobProgress kind="preview" />
          ) : (
            <div>
              <Button
                variant="default"
                size="compact-xs"
                disabled={disabled}
                onClick={() => void previewExport()}
              >
                {text.deidentify.dryRun}
              </Button>
            </div>
          )}
          {job?.error !== undefined && (
            <ErrorNotice error={wordsOf(job.error)} onDismiss={() => clearJob('preview')} />
          )}
        </div>
      )}
      {exporting && !isDicom && <p className="dim small nested">{text.deidentify.ofNifti}</p>}
      <Modal
        opened={preview !== null}
        onClose={() => setDeidentify({ preview: null })}
        title={text.deidentify.previewTitle}
        size="min(820px, 100%)"
        closeButtonProps={{ 'aria-label': text.help.close }}
      >
        {preview !== null && (
          <div className="stack">
            <p role="status">{text.deidentify.wouldWrite(preview.files)}</p>
            <ChangesTable changes={preview} />
          </div>
        )}
      </Modal>
    </div>
  );
}
