import { type ReactNode, useState } from 'react';
import type { FileKind } from '../../core/contract/fileKinds.ts';
import { workstation } from '../state/session.ts';
import { FolderBrowser } from './FolderBrowser.tsx';

/**
 * A folder from the user: the system's dialog where the shell has one, else the folder browser. `dialog` is
 * to be rendered by the caller.
 * @param files a file of this kind will do as well, where the dialog can offer both
 */
export function usePickFolder(
  title: string,
  onChoose: (path: string) => void,
  files?: FileKind,
): { readonly pick: (start?: string) => void; readonly dialog: ReactNode } {
  const [browsing, setBrowsing] = useState<{ readonly start: string | undefined } | undefined>(undefined);
  const pick = (start?: string): void => {
    const { pickFolder } = workstation();
    if (pickFolder === undefined) {
      setBrowsing({ start });
      return;
    }
    void pickFolder().then((path) => {
      if (path !== null) onChoose(path);
    });
  };
  const dialog =
    browsing === undefined ? null : (
      <FolderBrowser
        title={title}
        start={browsing.start}
        files={files}
        folders
        onClose={() => setBrowsing(undefined)}
        onChoose={(path) => {
          setBrowsing(undefined);
          onChoose(path);
        }}
      />
    );
  return { pick, dialog };
}
