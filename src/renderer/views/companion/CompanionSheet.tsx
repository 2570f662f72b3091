import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FileKind } from '../../../core/contract/fileKinds.ts';
import { QUANTITIES } from '../../../core/dicom/derived/parametricMap.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { FileField } from '../../components/FileField.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { seriesName } from '../../components/names.ts';
import {
  chooseKind,
  closeCompanion,
  exportCompanion,
  namesItsSegments,
} from '../../state/companionActions.ts';
import {
  COMPANION_KINDS,
  type CompanionDraft,
  setCompanion,
  useCompanion,
} from '../../state/companionStore.ts';
import { setDeidentify, useDeidentify } from '../../state/deidentifyStore.ts';
import { isBusy } from '../../state/jobs.ts';
import { wordsOf } from '../../state/pacsWords.ts';
import { clearJob } from '../../state/session.ts';
import { currentStudy, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { DeidentifyFields } from '../deidentify/DeidentifyFields.tsx';
import { errorsOf, Findings } from '../export/Checked.tsx';
import { SegmentRows } from './SegmentRows.tsx';
import { SendFiles } from './SendFiles.tsx';

/** What can be exported of a study beside an enhanced series: companions from files, a series as NIfTI. */
export function CompanionSheet(): ReactNode {
  const isOpen = useCompanion((state) => state.isOpen);
  return (
    <Modal
      opened={isOpen}
      onClose={closeCompanion}
      title={text.companion.title}
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      {isOpen && <CompanionForm />}
    </Modal>
  );
}

const INPUT_FILES: Readonly<Record<Exclude<CompanionDraft['kind'], 'nifti'>, FileKind>> = {
  segmentation: 'labels',
  'parametric-map': 'values',
  'spatial-registration': 'transform',
  'measurement-report': 'measurements',
};

function change(part: Partial<CompanionDraft>): void {
  setCompanion({ draft: { ...useCompanion.getState().draft, ...part }, written: null });
}

function CompanionForm(): ReactNode {
  const draft = useCompanion((state) => state.draft);
  const written = useCompanion((state) => state.written);
  const job = useApp((state) => state.jobs.companion);
  const deidentifying = useDeidentify((state) => state.exportDraft);
  const busy = isBusy(job);
  const { kind } = draft;
  const isRegistration = kind === 'spatial-registration';
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void exportCompanion();
      }}
    >
      <NativeSelect
        label={text.companion.kind}
        value={kind}
        disabled={busy}
        data={COMPANION_KINDS.map((one) => ({ value: one, label: text.companion.kinds[one] }))}
        onChange={(event) =>
          chooseKind(COMPANION_KINDS.find((one) => one === event.currentTarget.value) ?? 'segmentation')
        }
      />
      <SeriesField of="series" label={isRegistration ? text.columns.target : text.companion.series} />
      {isRegistration && <SeriesField of="reference" label={text.columns.reference} />}
      {kind !== 'nifti' && (
        <FileField
          label={text.companion.inputs[kind]}
          kind={INPUT_FILES[kind]}
          value={draft.input}
          disabled={busy}
          required
          onChange={(input) => change({ input })}
        />
      )}
      {kind === 'segmentation' && namesItsSegments(draft.input) && (
        <p className="dim small">{text.companion.ownSegments}</p>
      )}
      {kind === 'segmentation' && !namesItsSegments(draft.input) && (
        <SegmentRows
          segments={draft.segments}
          disabled={busy}
          onChange={(segments) => change({ segments })}
        />
      )}
      {kind === 'parametric-map' && (
        <div className="row bottom">
          <NativeSelect
            className="grow"
            label={text.companion.quantity}
            value={draft.quantity}
            disabled={busy}
            data={Object.entries(QUANTITIES).map(([name, { meaning }]) => ({ value: name, label: meaning }))}
            onChange={(event) => change({ quantity: event.currentTarget.value })}
          />
          <TextInput
            label={text.companion.units}
            value={draft.units}
            disabled={busy}
            required
            withAsterisk={false}
            onChange={(event) => change({ units: event.currentTarget.value })}
          />
        </div>
      )}
      {kind !== 'nifti' && (
        <Checkbox
          label={text.companion.deidentify}
          checked={draft.deidentify}
          disabled={busy}
          onChange={(event) => change({ deidentify: event.currentTarget.checked })}
        />
      )}
      {kind !== 'nifti' && draft.deidentify && (
        <div className="nested">
          <DeidentifyFields
            draft={deidentifying}
            disabled={busy}
            onChange={(exportDraft) => setDeidentify({ exportDraft })}
          />
        </div>
      )}
      <TextInput
        label={text.companion.out}
        value={draft.out}
        disabled={busy}
        required
        withAsterisk={false}
        spellCheck={false}
        onChange={(event) => change({ out: event.currentTarget.value })}
      />
      {busy ? (
        <JobProgress kind="companion" />
      ) : (
        <div className="row end">
          <Button type="submit">{text.export.start}</Button>
        </div>
      )}
      {job?.error !== undefined && (
        <ErrorNotice error={wordsOf(job.error)} onDismiss={() => clearJob('companion')} />
      )}
      {written !== null && (
        <div className="outcome" data-written={written.files.length}>
          <p className="row" role="status">
            <CircleCheck size={15} aria-hidden className="good" /> {text.export.done(written.files.length)}
          </p>
          <ul className="mono small path">
            {written.files.map((file) => (
              <li key={file}>{file}</li>
            ))}
          </ul>
          {written.validation !== null && (
            <>
              <Findings report={written.validation} />
              <SendFiles key={written.files[0]} files={written.files} errors={errorsOf(written.validation)} />
            </>
          )}
        </div>
      )}
    </form>
  );
}

function SeriesField(props: { readonly of: 'series' | 'reference'; readonly label: string }): ReactNode {
  const { of, label } = props;
  const value = useCompanion((state) => state.draft[of]);
  const study = useApp(currentStudy);
  const series = (study?.series ?? []).filter(({ format }) => format === 'dicom');
  return (
    <NativeSelect
      label={label}
      value={value}
      data={series.map((one) => ({ value: one.uid, label: seriesName(one) }))}
      onChange={(event) => change({ [of]: event.currentTarget.value })}
    />
  );
}
