import { FolderSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import { folderAbove, joinPath, lastName } from '../state/hostPaths.ts';
import { text } from '../text.ts';
import { PathField, type PathFieldProps } from './PathField.tsx';
import { usePickFolder } from './usePickFolder.tsx';

/**
 * The path of a folder on the workstation's machine that is not there yet: typed, or a place for it chosen in a
 * dialog, under the name that was typed or is suggested.
 */
export function NewFolderField({
  suggested,
  ...field
}: PathFieldProps & { readonly suggested: string }): ReactNode {
  const { label, value, onChange } = field;
  const { pick, dialog } = usePickFolder(text.browse.titlePlace(label), (place) =>
    onChange(joinPath(place, lastName(value) || suggested)),
  );
  return (
    <PathField
      {...field}
      icon={<FolderSearch size={15} aria-hidden />}
      dialog={dialog}
      onBrowse={() => pick(folderAbove(value))}
    />
  );
}
