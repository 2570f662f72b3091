import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { type DeidentifyDraft, SINGLE_OPTIONS, type SingleOption } from '../../state/deidentifyStore.ts';
import { text } from '../../text.ts';

/** What stays that the basic profile would take away, and whether the key is kept. */
export function DeidentifyFields(props: {
  readonly draft: DeidentifyDraft;
  readonly disabled: boolean;
  readonly onChange: (draft: DeidentifyDraft) => void;
}): ReactNode {
  const { draft, disabled, onChange } = props;
  const label = useId();
  const toggle = (option: SingleOption): void => {
    const kept = draft.kept.includes(option)
      ? draft.kept.filter((one) => one !== option)
      : [...draft.kept, option];
    onChange({ ...draft, kept });
  };
  const { dates } = text.deidentify;
  return (
    <div className="stack">
      <div className="field">
        <span className="field-label" id={label}>
          {text.deidentify.datesLabel}
        </span>
        <SegmentedControl
          fullWidth
          disabled={disabled}
          aria-labelledby={label}
          value={draft.dates}
          data={[
            { value: 'remove', label: dates.remove },
            { value: 'shift', label: dates.shift },
            { value: 'keep', label: dates.keep },
          ]}
          onChange={(value) => onChange({ ...draft, dates: value as DeidentifyDraft['dates'] })}
        />
      </div>
      <fieldset className="options">
        <legend className="field-label">{text.deidentify.options}</legend>
        {SINGLE_OPTIONS.map((option) => (
          <Checkbox
            key={option}
            label={text.deidentify.optionNames[option]}
            checked={draft.kept.includes(option)}
            disabled={disabled}
            onChange={() => toggle(option)}
          />
        ))}
      </fieldset>
      <TextInput
        label={text.deidentify.keyFile}
        description={text.deidentify.keyFileHint}
        value={draft.keyFile}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange({ ...draft, keyFile: event.currentTarget.value })}
      />
    </div>
  );
}
