import { Button, Modal, TextInput } from '@mantine/core';
import { CornerLeftUp, Folder } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Result } from '../../core/contract/operations.ts';
import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { workstation } from '../state/session.ts';
import { text } from '../text.ts';
import { ErrorNotice } from './ErrorNotice.tsx';

interface FolderBrowserProps {
  readonly title: string;
  /** Where to begin; the workstation's own choice where absent. */
  readonly start?: string | undefined;
  readonly onChoose: (path: string) => void;
  readonly onClose: () => void;
}

/** Walks the folders of the workstation's machine, where the shell has no dialog of its own. */
export function FolderBrowser({ title, start, onChoose, onClose }: FolderBrowserProps): ReactNode {
  const [here, setHere] = useState<Result<'browse'> | undefined>(undefined);
  const [typed, setTyped] = useState(start ?? '');
  const [error, setError] = useState<ErrorData | undefined>(undefined);

  // Only the latest question counts, and a slow answer does not overwrite what was typed since.
  const asked = useRef(0);
  const edits = useRef(0);
  const go = useCallback(async (path: string | undefined): Promise<boolean> => {
    asked.current += 1;
    const question = asked.current;
    const edit = edits.current;
    try {
      const found = await workstation().call('browse', path === undefined || path === '' ? {} : { path });
      if (question !== asked.current) return true;
      setHere(found);
      if (edit === edits.current) setTyped(found.path);
      setError(undefined);
      return true;
    } catch (thrown) {
      if (question !== asked.current) return true;
      setError(toErrorData(thrown));
      return false;
    }
  }, []);

  useEffect(() => {
    void go(start).then((found) => {
      if (!found && start !== undefined) void go(undefined);
    });
  }, [go, start]);

  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': text.help.close }}>
      <div className="browser">
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void go(typed.trim());
          }}
        >
          <TextInput
            className="grow"
            aria-label={text.browse.path}
            value={typed}
            onChange={(event) => {
              edits.current += 1;
              setTyped(event.currentTarget.value);
            }}
            spellCheck={false}
            data-autofocus
          />
          <Button type="submit" variant="default">
            {text.browse.go}
          </Button>
        </form>
        {error !== undefined && <ErrorNotice error={error} />}
        <ul className="folders" aria-label={text.browse.list}>
          {here !== undefined && here.parent !== null && (
            <li>
              <button type="button" className="folder" onClick={() => void go(here.parent ?? undefined)}>
                <CornerLeftUp size={14} aria-hidden /> {text.browse.up}
              </button>
            </li>
          )}
          {here?.folders.map((folder) => (
            <li key={folder.path}>
              <button type="button" className="folder" onClick={() => void go(folder.path)}>
                <Folder size={14} aria-hidden /> {folder.name}
              </button>
            </li>
          ))}
          {here !== undefined && here.folders.length === 0 && (
            <li className="dim folders-note">{text.browse.empty}</li>
          )}
          {here === undefined && error === undefined && (
            <li className="dim folders-note">{text.browse.loading}</li>
          )}
        </ul>
        <div className="row end">
          <span className="dim grow">{here === undefined ? '' : text.browse.files(here.files.length)}</span>
          <Button variant="default" onClick={onClose}>
            {text.browse.cancel}
          </Button>
          <Button disabled={here === undefined} onClick={() => here !== undefined && onChoose(here.path)}>
            {text.browse.choose}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
