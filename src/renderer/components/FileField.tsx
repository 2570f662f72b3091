import { FileSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FileKind } from '../../core/contract/fileKinds.ts';
import { text } from '../text.ts';
import { PathField, type PathFieldProps } from './PathField.tsx';
import { usePickFile } from './usePickFile.tsx';

/** The path of a file on the workstation's machine: typed, or chosen in a dialog. */
export function FileField({ kind, ...field }: PathFieldProps & { readonly kind: FileKind }): ReactNode {
  const { pick, dialog } = usePickFile(kind, text.browse.titleFile, field.onChange);
  const typed = field.value.trim();
  return (
    <PathField
      {...field}
      icon={<FileSearch size={15} aria-hidden />}
      dialog={dialog}
      onBrowse={() => pick(typed === '' ? undefined : typed)}
    />
  );
}
