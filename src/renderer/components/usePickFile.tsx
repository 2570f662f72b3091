import { type ReactNode, useState } from 'react';
import type { FileKind } from '../../core/contract/fileKinds.ts';
import { workstation } from '../state/session.ts';
import { FolderBrowser } from './FolderBrowser.tsx';

/**
 * A file of a kind from the user: the system's dialog where the shell has one, else the browser of folders and
 * files. `dialog` is to be rendered by the caller.
 */
export function usePickFile(
  kind: FileKind,
  title: string,
  onChoose: (path: string) => void,
): { readonly pick: (start?: string) => void; readonly dialog: ReactNode } {
  const [browsing, setBrowsing] = useState<{ readonly start: string | undefined } | undefined>(undefined);
  const pick = (start?: string): void => {
    const { pickFile } = workstation();
    if (pickFile === undefined) {
      setBrowsing({ start });
      return;
    }
    void pickFile(kind).then((path) => {
      if (path !== null) onChoose(path);
    });
  };
  const dialog =
    browsing === undefined ? null : (
      <FolderBrowser
        title={title}
        start={browsing.start}
        files={kind}
        onClose={() => setBrowsing(undefined)}
        onChoose={(path) => {
          setBrowsing(undefined);
          onChoose(path);
        }}
      />
    );
  return { pick, dialog };
}
