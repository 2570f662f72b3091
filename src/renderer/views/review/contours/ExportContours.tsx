import { Button, Checkbox, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import { type ReactNode, useEffect, useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { ErrorNotice } from '../../../components/ErrorNotice.tsx';
import { JobProgress } from '../../../components/JobProgress.tsx';
import { usePickFolder } from '../../../components/usePickFolder.tsx';
import { exportOutlines } from '../../../state/contourExport.ts';
import { outlineName, setContours, useContours } from '../../../state/contours.ts';
import { setDeidentify, useDeidentify } from '../../../state/deidentifyStore.ts';
import { isBusy } from '../../../state/jobs.ts';
import { wordsOf } from '../../../state/pacsWords.ts';
import { clearJob } from '../../../state/session.ts';
import { useSettings } from '../../../state/settings.ts';
import { seriesByUid, useApp } from '../../../state/store.ts';
import { text } from '../../../text.ts';
import { DeidentifyFields } from '../../deidentify/DeidentifyFields.tsx';
import { Findings } from '../../export/Checked.tsx';

const words = text.contours.export;

/** Outlines as files: DICOM Segmentation and report, or NIfTI. */
export function ExportContours(): ReactNode {
  const { outlines, exportFolder, exportImage, exportFormat, deidentify } = useContours(
    useShallow(({ outlines, exportFolder, exportImage, exportFormat, deidentify }) => ({
      outlines,
      exportFolder,
      exportImage,
      exportFormat,
      deidentify,
    })),
  );
  const isDicom = useApp((state) => seriesByUid(state, state.targetUid)?.format === 'dicom');
  const start = useSettings((settings) => settings.exportFolder) || undefined;
  const draft = useDeidentify((state) => state.exportDraft);
  const job = useApp((state) => state.jobs.segmentExport);
  const busy = isBusy(job);
  const hasWritten = useContours(({ exported }) => exported.length > 0);
  const format = useId();
  const { pick, dialog } = usePickFolder(text.browse.titleFolder, (path) =>
    setContours({ exportFolder: path }),
  );
  // A series that came as NIfTI has no patient to file a DICOM object under.
  useEffect(() => {
    if (!isDicom) setContours({ exportFormat: 'nifti' });
  }, [isDicom]);
  return (
    <form
      className="stack"
      aria-label={words.title}
      onSubmit={(event) => {
        event.preventDefault();
        void exportOutlines();
      }}
    >
      <span className="field-label">{words.title}</span>
      {outlines.length > 1 && (
        <NativeSelect
          label={words.which}
          value={exportImage ?? ''}
          disabled={busy}
          data={[
            { value: '', label: words.all },
            ...outlines.map((outline) => ({ value: outline.image, label: outlineName(outline) })),
          ]}
          onChange={(event) => setContours({ exportImage: event.currentTarget.value || null })}
        />
      )}
      <div className="row bottom">
        <TextInput
          className="grow"
          label={words.folder}
          value={exportFolder}
          disabled={busy}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setContours({ exportFolder: event.currentTarget.value })}
        />
        <Button variant="default" disabled={busy} onClick={() => pick(start)}>
          {text.export.browse}
        </Button>
      </div>
      {isDicom && (
        <div className="field">
          <span className="field-label" id={format}>
            {words.format}
          </span>
          <SegmentedControl
            fullWidth
            size="xs"
            disabled={busy}
            aria-labelledby={format}
            value={exportFormat}
            data={[
              { value: 'dicom-seg', label: words.formats['dicom-seg'] },
              { value: 'nifti', label: words.formats.nifti },
            ]}
            onChange={(value) => setContours({ exportFormat: value === 'nifti' ? 'nifti' : 'dicom-seg' })}
          />
        </div>
      )}
      {isDicom && exportFormat === 'dicom-seg' && (
        <>
          <Checkbox
            label={words.deidentify}
            checked={deidentify}
            disabled={busy}
            onChange={(event) => setContours({ deidentify: event.currentTarget.checked })}
          />
          {deidentify && (
            <div className="nested">
              <DeidentifyFields
                draft={draft}
                disabled={busy}
                onChange={(exportDraft) => setDeidentify({ exportDraft })}
              />
            </div>
          )}
        </>
      )}
      {busy ? (
        <JobProgress kind="segmentExport" />
      ) : (
        <div>
          <Button type="submit" variant="default" size="compact-sm" disabled={exportFolder.trim() === ''}>
            {words.start}
          </Button>
        </div>
      )}
      {job?.status === 'cancelled' && (
        <p className="dim small" role="status">
          {hasWritten ? words.cancelledAfter : words.cancelled}
        </p>
      )}
      {job?.error !== undefined && (
        <ErrorNotice error={wordsOf(job.error)} onDismiss={() => clearJob('segmentExport')} />
      )}
      <Written />
      {dialog}
    </form>
  );
}

function Written(): ReactNode {
  const exported = useContours((state) => state.exported);
  return exported.map(({ name, result: { output, validation, warnings } }) => (
    <div key={output.folder} className="outcome small" data-written-outline={output.folder}>
      <p className="row" role="status">
        <CircleCheck size={15} aria-hidden className="good" /> {words.done(name, output.files.length)}
      </p>
      <span className="mono path">{output.folder}</span>
      <ul className="files mono dim">
        {output.files.map((file) => (
          <li key={file}>{file.split(/[\\/]/).at(-1)}</li>
        ))}
      </ul>
      {warnings.map(({ code, message }) => (
        <p key={`${code} ${message}`} className="warn">
          {message}
        </p>
      ))}
      {validation !== null && <Findings report={validation} of={name} />}
    </div>
  ));
}
