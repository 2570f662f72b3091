import { Button, TextInput, type TextInputProps } from '@mantine/core';
import { FolderSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import { folderAbove, joinPath, lastName } from '../state/hostPaths.ts';
import { text } from '../text.ts';
import { usePickFolder } from './usePickFolder.tsx';

/**
 * The path of a folder on the workstation's machine that is not there yet: typed, or a place for it chosen in a
 * dialog, under the name that was typed or is suggested.
 */
export function NewFolderField(
  props: {
    readonly label: string;
    readonly value: string;
    readonly suggested: string;
    readonly onChange: (path: string) => void;
  } & Pick<TextInputProps, 'description' | 'disabled' | 'required'>,
): ReactNode {
  const { label, value, suggested, onChange, disabled, ...rest } = props;
  const { pick, dialog } = usePickFolder(text.browse.titlePlace(label), (place) =>
    onChange(joinPath(place, lastName(value) || suggested)),
  );
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
        onClick={() => pick(folderAbove(value))}
      >
        <FolderSearch size={15} aria-hidden />
      </Button>
      {dialog}
    </div>
  );
}
