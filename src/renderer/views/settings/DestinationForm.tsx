import { Button, Checkbox, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import type { FileKind } from '../../../core/contract/fileKinds.ts';
import type { Destination } from '../../../core/contract/pacs.ts';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { FileField } from '../../components/FileField.tsx';
import { saveDestination } from '../../state/pacsActions.ts';
import { text } from '../../text.ts';
import { type Draft, destinationOf, draftOf } from './draft.ts';
import { TestResult, useTest } from './useTest.tsx';

type TextKey = { [K in keyof Draft]: string extends Draft[K] ? K : never }[keyof Draft];

interface Fields {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
}

/** One PACS: everything that has to be known of it, test, save. */
export function DestinationForm(props: {
  readonly destination: Destination | undefined;
  readonly onDone: () => void;
}): ReactNode {
  const { destination, onDone } = props;
  const [draft, setDraft] = useState(() => draftOf(destination));
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  const [saving, setSaving] = useState(false);
  const test = useTest();
  const form = useRef<HTMLFormElement>(null);
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    setError(undefined);
    test.forget();
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSaving(true);
    const failed = await saveDestination(destinationOf(draft), destination?.name);
    setSaving(false);
    setError(failed);
    if (failed === undefined) onDone();
  };
  const tryIt = (): void => {
    if (form.current?.reportValidity() !== true) return;
    const { name: _, ...peer } = destinationOf(draft);
    test.run(peer);
  };
  return (
    <form ref={form} className="stack" onSubmit={(event) => void save(event)}>
      <Field draft={draft} change={change} of="name" hint={text.pacs.nameHint} required autoFocus />
      <div className="field">
        <span className="field-label" id="pacs-kind-label">
          {text.pacs.kind}
        </span>
        <SegmentedControl
          fullWidth
          aria-labelledby="pacs-kind-label"
          value={draft.kind}
          data={[
            { value: 'dimse', label: text.pacs.dimse },
            { value: 'dicomweb', label: text.pacs.web },
          ]}
          onChange={(value) => change({ kind: value === 'dicomweb' ? 'dicomweb' : 'dimse' })}
        />
      </div>
      {draft.kind === 'dimse' ? (
        <DimseFields draft={draft} change={change} />
      ) : (
        <WebFields draft={draft} change={change} />
      )}
      <Checkbox
        label={text.pacs.tls}
        checked={draft.tls}
        onChange={(event) => change({ tls: event.currentTarget.checked })}
      />
      {draft.tls && <TlsFields draft={draft} change={change} />}
      <Field draft={draft} change={change} of="timeoutSeconds" numeric required />
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
      <TestResult test={test} />
      <div className="row end">
        <Button variant="default" disabled={test.busy} onClick={tryIt}>
          {test.busy ? text.pacs.testing : text.pacs.test}
        </Button>
        <span className="grow" />
        <Button variant="default" onClick={onDone}>
          {text.pacs.cancel}
        </Button>
        <Button type="submit" disabled={saving}>
          {text.pacs.save}
        </Button>
      </div>
    </form>
  );
}

function DimseFields(fields: Fields): ReactNode {
  return (
    <>
      <div className="row bottom">
        <Field {...fields} of="host" required />
        <Field {...fields} of="port" numeric required />
      </div>
      <div className="row bottom">
        <Field {...fields} of="calledAeTitle" maxLength={16} required />
        <Field {...fields} of="callingAeTitle" maxLength={16} required />
      </div>
      <p className="dim small">{text.pacs.callingHint}</p>
    </>
  );
}

function WebFields(fields: Fields): ReactNode {
  const { draft, change } = fields;
  const { none, token, password } = text.pacs.signIns;
  return (
    <>
      <Field {...fields} of="url" hint={text.pacs.urlHint} required />
      <NativeSelect
        label={text.pacs.signIn}
        value={draft.signIn}
        data={[
          { value: 'none', label: none },
          { value: 'token', label: token },
          { value: 'password', label: password },
        ]}
        onChange={(event) => change({ signIn: event.currentTarget.value as Draft['signIn'] })}
      />
      {draft.signIn === 'token' && <Field {...fields} of="tokenFile" hint={text.pacs.secretHint} required />}
      {draft.signIn === 'password' && (
        <>
          <Field {...fields} of="user" required />
          <Field {...fields} of="passwordFile" hint={text.pacs.secretHint} required />
        </>
      )}
    </>
  );
}

function TlsFields(fields: Fields): ReactNode {
  return (
    <fieldset className="settings">
      <Field {...fields} of="ca" hint={text.pacs.caHint} />
      <Field {...fields} of="certificate" hint={text.pacs.certificateHint} />
      <Field {...fields} of="key" />
      <Field {...fields} of="serverName" hint={text.pacs.serverNameHint} />
    </fieldset>
  );
}

const LABELS: Readonly<Record<TextKey, string>> = {
  name: text.pacs.name,
  host: text.pacs.host,
  port: text.pacs.port,
  calledAeTitle: text.pacs.called,
  callingAeTitle: text.pacs.calling,
  url: text.pacs.url,
  tokenFile: text.pacs.tokenFile,
  user: text.pacs.user,
  passwordFile: text.pacs.passwordFile,
  ca: text.pacs.ca,
  certificate: text.pacs.certificate,
  key: text.pacs.key,
  serverName: text.pacs.serverName,
  timeoutSeconds: text.pacs.timeout,
};

const FILES: Readonly<Partial<Record<TextKey, FileKind>>> = {
  tokenFile: 'any',
  passwordFile: 'any',
  ca: 'certificate',
  certificate: 'certificate',
  key: 'key',
};

function Field(
  props: Fields & {
    readonly of: TextKey;
    readonly hint?: string;
    readonly required?: boolean;
    readonly numeric?: boolean;
    readonly maxLength?: number;
    readonly autoFocus?: boolean;
  },
): ReactNode {
  const { draft, change, of, hint, required, numeric, maxLength, autoFocus } = props;
  const kind = FILES[of];
  if (kind !== undefined) {
    return (
      <FileField
        label={LABELS[of]}
        description={hint}
        kind={kind}
        value={draft[of]}
        required={required === true}
        onChange={(path) => change({ [of]: path })}
      />
    );
  }
  return (
    <TextInput
      className="grow"
      label={LABELS[of]}
      description={hint}
      value={draft[of]}
      required={required === true}
      withAsterisk={false}
      {...(numeric === true ? { inputMode: 'numeric', pattern: '[0-9]{1,5}' } : {})}
      {...(maxLength === undefined ? {} : { maxLength })}
      {...(autoFocus === true ? { 'data-autofocus': true } : {})}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => change({ [of]: event.currentTarget.value })}
    />
  );
}
