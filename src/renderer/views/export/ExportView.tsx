import { Button, Checkbox, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DicomForm } from '../../../core/contract/schemas.ts';
import { unacceptedMark } from '../../../core/dicom/derived/provenance.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { Missing } from '../../components/Missing.tsx';
import { seriesName } from '../../components/names.ts';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { openCompanion } from '../../state/companionActions.ts';
import { exportEnhanced, hasRegistration } from '../../state/exportActions.ts';
import { folderAbove } from '../../state/hostPaths.ts';
import { isBusy } from '../../state/jobs.ts';
import { clearJob } from '../../state/session.ts';
import { currentStudy, type Enhanced, seriesByUid, setApp, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { Checked } from './Checked.tsx';
import { ExportDeidentify } from './ExportDeidentify.tsx';
import { Exported } from './Exported.tsx';
import { SendExported } from './SendExported.tsx';

/** Where the enhanced series goes and as what. */
export function ExportView(): ReactNode {
  const enhanced = useApp((state) => state.enhanced);
  const isDicom = useApp(
    (state) => currentStudy(state)?.series.some(({ format }) => format === 'dicom') === true,
  );
  return (
    <>
      {enhanced === null ? <NothingYet /> : <ExportForm enhanced={enhanced} />}
      {isDicom && (
        <div className="panel-content other-exports">
          <div>
            <Button variant="default" size="compact-xs" onClick={openCompanion}>
              {text.companion.open}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

function NothingYet(): ReactNode {
  return (
    <>
      <Missing>{text.export.nothing}</Missing>
      <div className="panel-content">
        <Button variant="default" onClick={() => setApp({ task: 'enhance' })}>
          {text.export.toEnhance}
        </Button>
      </div>
    </>
  );
}

function ExportForm({ enhanced }: { readonly enhanced: Enhanced }): ReactNode {
  const folder = useApp((state) => state.exportFolder);
  const format = useApp((state) => state.exportFormat);
  const job = useApp((state) => state.jobs.export);
  const target = useApp((state) => seriesByUid(state, enhanced.targetUid));
  const busy = isBusy(job);
  const { pick, dialog } = usePickFolder(text.browse.titleFolder, (path) => setApp({ exportFolder: path }));
  return (
    <div className="panel-content">
      <p className="small">
        {text.export.enhancedFrom(
          target === undefined ? '' : seriesName(target),
          enhanced.scale,
          enhanced.result.model,
        )}
      </p>
      <MarkNotice state={enhanced.result.modelState} />
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void exportEnhanced();
        }}
      >
        <div className="row bottom">
          <TextInput
            className="grow"
            label={text.export.folder}
            value={folder}
            disabled={busy}
            onChange={(event) => setApp({ exportFolder: event.currentTarget.value })}
            spellCheck={false}
            autoComplete="off"
          />
          <Button variant="default" disabled={busy} onClick={() => pick(folderAbove(folder))}>
            {text.export.browse}
          </Button>
        </div>
        <div className="field">
          <span className="field-label" id="format-label">
            {text.export.format}
          </span>
          <SegmentedControl
            fullWidth
            disabled={busy}
            aria-labelledby="format-label"
            value={format}
            data={[
              { value: 'dicom', label: text.export.dicom },
              { value: 'nifti', label: text.export.nifti },
            ]}
            onChange={(value) => setApp({ exportFormat: value === 'nifti' ? 'nifti' : 'dicom' })}
          />
        </div>
        {format === 'dicom' && <Form disabled={busy} />}
        <WithRegistration disabled={busy} />
        <ExportDeidentify disabled={busy} />
        <p className="dim small">{text.export.note}</p>
        {busy ? (
          <JobProgress kind="export" />
        ) : (
          <Button type="submit" fullWidth disabled={folder.trim() === ''}>
            {text.export.start}
          </Button>
        )}
      </form>
      {job?.status === 'cancelled' && (
        <p className="dim small" role="status">
          {text.export.cancelled}
        </p>
      )}
      {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('export')} />}
      <Exported />
      <Checked />
      <SendExported />
      {dialog}
    </div>
  );
}

/** What a model that no one has accepted here made says so wherever it goes. */
function MarkNotice({ state }: { readonly state: Enhanced['result']['modelState'] }): ReactNode {
  const mark = unacceptedMark(state);
  if (mark === undefined) return null;
  return (
    <p className="notice notice-warn small" role="status" data-mark={mark}>
      {text.export.marked(mark)}
    </p>
  );
}

/** Which kind of object the slices are written as. */
function Form({ disabled }: { readonly disabled: boolean }): ReactNode {
  const as = useApp((state) => state.exportAs);
  const { source, classic, enhanced } = text.export.forms;
  return (
    <NativeSelect
      label={text.export.as}
      value={as}
      disabled={disabled}
      data={[
        { value: 'source', label: source },
        { value: 'classic', label: classic },
        { value: 'enhanced', label: enhanced },
      ]}
      onChange={(event) => setApp({ exportAs: event.currentTarget.value as DicomForm })}
    />
  );
}

/** What goes with the series into the folder. */
function WithRegistration({ disabled }: { readonly disabled: boolean }): ReactNode {
  const chosen = useApp((state) => state.exportRegistration);
  const isThere = useApp(hasRegistration);
  const isDicom = useApp((state) => state.exportFormat === 'dicom');
  const { registration, registrationDicom, registrationNifti, noRegistration } = text.export;
  return (
    <Checkbox
      label={registration}
      description={isThere ? (isDicom ? registrationDicom : registrationNifti) : noRegistration}
      checked={chosen && isThere}
      disabled={disabled || !isThere}
      onChange={(event) => setApp({ exportRegistration: event.currentTarget.checked })}
    />
  );
}
