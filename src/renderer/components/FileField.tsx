import { Button, TextInput, type TextInputProps } from '@mantine/core';
import { FileSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FileKind } from '../../core/contract/fileKinds.ts';
import { text } from '../text.ts';
import { usePickFile } from './usePickFile.tsx';

/** The path of a file on the workstation's machine: typed, or chosen in a dialog. */
export function FileField(
  props: {
    readonly label: string;
    readonly kind: FileKind;
    readonly value: string;
    readonly onChange: (path: string) => void;
  } & Pick<TextInputProps, 'description' | 'disabled' | 'required'>,
): ReactNode {
  const { label, kind, value, onChange, disabled, ...rest } = props;
  const { pick, dialog } = usePickFile(kind, text.browse.titleFile, onChange);
  const typed = value.trim();
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
        onClick={() => pick(typed === '' ? undefined : typed)}
      >
        <FileSearch size={15} aria-hidden />
      </Button>
      {dialog}
    </div>
  );
}
