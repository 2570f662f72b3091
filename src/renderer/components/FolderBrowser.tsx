import { Button, Modal, TextInput } from '@mantine/core';
import { CornerLeftUp, File, Folder } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { FILE_ENDINGS, type FileKind } from '../../core/contract/fileKinds.ts';
import type { Result } from '../../core/contract/operations.ts';
import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { workstation } from '../state/session.ts';
import { text } from '../text.ts';
import { ErrorNotice } from './ErrorNotice.tsx';

interface FolderBrowserProps {
  readonly title: string;
  /** Where to begin; the workstation's own choice where absent. */
  readonly start?: string | undefined;
  /** The files that can be chosen; none where absent. */
  readonly files?: FileKind | undefined;
  /** Whether a folder can be chosen as well; it can where no files can. */
  readonly folders?: boolean | undefined;
  readonly onChoose: (path: string) => void;
  readonly onClose: () => void;
}

/** Walks the folders of the workstation's machine, where the shell has no dialog of its own. */
export function FolderBrowser(props: FolderBrowserProps): ReactNode {
  const { title, start, files, folders = files === undefined, onChoose, onClose } = props;
  const [here, setHere] = useState<Result<'browse'> | undefined>(undefined);
  const [typed, setTyped] = useState(start ?? '');
  const [error, setError] = useState<ErrorData | undefined>(undefined);

  // Only the latest question counts, and a slow answer does not overwrite what was typed since.
  const asked = useRef(0);
  const edits = useRef(0);
  const go = useCallback(
    async (path: string | undefined): Promise<Result<'browse'> | undefined> => {
      asked.current += 1;
      const question = asked.current;
      const edit = edits.current;
      try {
        const found = await workstation().call('browse', {
          ...(path === undefined || path === '' ? {} : { path }),
          ...(files === undefined ? {} : { files }),
        });
        if (question !== asked.current) return found;
        setHere(found);
        if (edit === edits.current) setTyped(found.file ?? found.path);
        setError(undefined);
        return found;
      } catch (thrown) {
        if (question === asked.current) setError(toErrorData(thrown));
        return undefined;
      }
    },
    [files],
  );

  useEffect(() => {
    void go(start).then((found) => {
      if (found === undefined && start !== undefined) void go(undefined);
    });
  }, [go, start]);

  const shown = files === undefined ? [] : (here?.files ?? []);
  const isEmpty = here !== undefined && here.folders.length + shown.length === 0;
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': text.help.close }}>
      <div className="browser">
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            // The dialog may be part of another form, on the page if not on the screen.
            event.stopPropagation();
            void go(typed.trim()).then((found) => {
              if (found?.file !== undefined) onChoose(found.file);
            });
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
        <ul className="folders" aria-label={files === undefined ? text.browse.list : text.browse.listFiles}>
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
          {shown.map((file) => (
            <li key={file.path}>
              <button type="button" className="folder" data-file onClick={() => onChoose(file.path)}>
                <File size={14} aria-hidden /> {file.name}
              </button>
            </li>
          ))}
          {isEmpty && (
            <li className="dim folders-note">
              {files === undefined ? text.browse.empty : text.browse.emptyFiles(endingsOf(files))}
            </li>
          )}
          {here === undefined && error === undefined && (
            <li className="dim folders-note">{text.browse.loading}</li>
          )}
        </ul>
        <div className="row end">
          <span className="dim grow">
            {here === undefined
              ? ''
              : files === undefined
                ? text.browse.files(here.files.length)
                : text.browse.choosable(here.files.length, endingsOf(files))}
          </span>
          <Button variant="default" onClick={onClose}>
            {text.browse.cancel}
          </Button>
          {folders && (
            <Button disabled={here === undefined} onClick={() => here !== undefined && onChoose(here.path)}>
              {text.browse.choose}
            </Button>
          )}
        </div>
      </div>
    </Modal>
  );
}

/** `.nii, .nii.gz`: how the names of such files end; empty where they may end in anything. */
function endingsOf(kind: FileKind): string {
  const endings = FILE_ENDINGS[kind] ?? [];
  return endings.map((ending) => (ending === '' ? text.browse.noEnding : `.${ending}`)).join(', ');
}
