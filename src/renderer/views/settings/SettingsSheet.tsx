import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { ALWAYS_OFFERED } from '../../state/enhanceActions.ts';
import { setPacs } from '../../state/pacsStore.ts';
import {
  changeSettings,
  DEFAULT_SETTINGS,
  DRAGS,
  type Settings,
  THEMES,
  useSettings,
  WHEELS,
  WINDOWS,
} from '../../state/settings.ts';
import { setApp, useApp } from '../../state/store.ts';
import { CATALOGUES, text } from '../../text.ts';

/** What is set once for the whole window. Every change holds at once and is kept. */
export function SettingsSheet(): ReactNode {
  const open = useApp((state) => state.settingsOpen);
  return (
    <Modal
      opened={open}
      onClose={close}
      title={text.settings.title}
      closeButtonProps={{ 'aria-label': text.help.close }}
    >
      <div className="stack">
        <p className="dim small">{text.settings.intro}</p>
        <Unkept />
        <Appearance />
        <Images />
        <Work />
        <Privacy />
        <div className="row">
          <Button variant="default" onClick={openPacs}>
            {text.settings.pacsOpen}
          </Button>
          <span className="grow" />
          <Button variant="default" onClick={reset}>
            {text.settings.reset}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function close(): void {
  setApp({ settingsOpen: false });
}

function openPacs(): void {
  close();
  setPacs({ page: 'settings' });
}

function reset(): void {
  const { tour, ...delivered } = DEFAULT_SETTINGS;
  void changeSettings(delivered);
}

function Unkept(): ReactNode {
  const unkept = useApp((state) => state.settingsUnkept);
  return unkept ? (
    <p className="notice notice-warn" role="status">
      {text.settings.notKept}
    </p>
  ) : null;
}

type ChoiceOf<K extends keyof Settings> = Settings[K] & string;

/** One setting with a few values. */
function Choice<K extends keyof Settings>(props: {
  readonly name: K;
  readonly label: string;
  readonly hint?: string;
  readonly values: readonly ChoiceOf<K>[];
  readonly words: Readonly<Record<ChoiceOf<K>, string>>;
}): ReactNode {
  const { name, label, hint, values, words } = props;
  const value = useSettings((settings) => settings[name]) as ChoiceOf<K>;
  return (
    <NativeSelect
      className="grow"
      label={label}
      description={hint}
      value={value}
      data={values.map((one) => ({ value: one, label: words[one] }))}
      onChange={(event) => void changeSettings({ [name]: event.currentTarget.value } as Partial<Settings>)}
    />
  );
}

function Appearance(): ReactNode {
  const languages = Object.keys(CATALOGUES);
  const names = Object.fromEntries(languages.map((tag) => [tag, CATALOGUES[tag]?.language ?? tag]));
  return (
    <fieldset className="field settings-group">
      <legend className="field-label">{text.settings.appearance}</legend>
      <div className="row top">
        <Choice name="theme" label={text.settings.theme} values={THEMES} words={text.settings.themes} />
        {languages.length > 1 && (
          <Choice
            name="language"
            label={text.settings.language}
            hint={text.settings.languageHint}
            values={languages}
            words={names}
          />
        )}
      </div>
      <p className="dim small">{text.settings.scaling}</p>
    </fieldset>
  );
}

function Images(): ReactNode {
  const smooth = useSettings((settings) => settings.smooth);
  const { drags } = text.settings;
  return (
    <fieldset className="field settings-group">
      <legend className="field-label">{text.settings.images}</legend>
      <div className="row top">
        <Choice name="window" label={text.settings.window} values={WINDOWS} words={text.settings.windows} />
        <Choice name="wheel" label={text.settings.wheel} values={WHEELS} words={text.settings.wheels} />
      </div>
      <div className="row top">
        <Choice name="leftDrag" label={text.settings.leftDrag} values={DRAGS} words={drags} />
        <Choice name="middleDrag" label={text.settings.middleDrag} values={DRAGS} words={drags} />
        <Choice name="rightDrag" label={text.settings.rightDrag} values={DRAGS} words={drags} />
      </div>
      <Checkbox
        label={text.settings.smooth}
        checked={smooth}
        onChange={(event) => void changeSettings({ smooth: event.currentTarget.checked })}
      />
    </fieldset>
  );
}

function Work(): ReactNode {
  const exportFolder = useSettings((settings) => settings.exportFolder);
  const devices = useApp((state) => state.devices) ?? ALWAYS_OFFERED;
  const { pick, dialog } = usePickFolder(
    text.browse.titleFolder,
    (folder) => void changeSettings({ exportFolder: folder }),
  );
  return (
    <fieldset className="field settings-group">
      <legend className="field-label">{text.settings.work}</legend>
      <Choice
        name="device"
        label={text.settings.device}
        values={['auto', ...devices.filter((device) => device !== 'auto')]}
        words={text.devices}
      />
      <div className="row bottom">
        <TextInput
          className="grow"
          label={text.settings.exportFolder}
          description={text.settings.exportFolderHint}
          value={exportFolder}
          onChange={(event) => void changeSettings({ exportFolder: event.currentTarget.value })}
          spellCheck={false}
        />
        <Button
          variant="default"
          aria-label={text.settings.browse}
          onClick={() => pick(exportFolder === '' ? undefined : exportFolder)}
        >
          {text.open.browse}
        </Button>
      </div>
      {dialog}
    </fieldset>
  );
}

function Privacy(): ReactNode {
  const hidden = useSettings((settings) => settings.hidePatient);
  return (
    <fieldset className="field settings-group">
      <legend className="field-label">{text.settings.privacy}</legend>
      <Checkbox
        label={text.settings.hidePatient}
        description={text.settings.hidePatientHint}
        checked={hidden}
        onChange={(event) => void changeSettings({ hidePatient: event.currentTarget.checked })}
      />
    </fieldset>
  );
}
