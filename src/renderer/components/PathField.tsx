import { Button, TextInput, type TextInputProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../text.ts';

/** What a field for a path is given, whatever the path is of. */
export type PathFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (path: string) => void;
} & Pick<TextInputProps, 'description' | 'disabled' | 'required'>;

/** A path that is typed, with a button that opens a dialog to choose it. */
export function PathField(
  props: PathFieldProps & {
    readonly icon: ReactNode;
    readonly dialog: ReactNode;
    readonly onBrowse: () => void;
  },
): ReactNode {
  const { label, value, onChange, disabled, icon, dialog, onBrowse, ...rest } = props;
  return (
    <div className="row bottom grow">
      <TextInput
        {...rest}
        className="grow"
        label={label}
        value={value}
        disabled={disabled === true}
        withAsterisk={false}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Button
        variant="default"
        className="browse-button"
        disabled={disabled === true}
        aria-label={text.browse.pickFor(label)}
        title={text.browse.pickFor(label)}
        onClick={onBrowse}
      >
        {icon}
      </Button>
      {dialog}
    </div>
  );
}
