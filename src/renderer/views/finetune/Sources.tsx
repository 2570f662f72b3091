import { Button, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { changeDraft, setTuning, useTuning } from '../../state/finetuneStore.ts';
import { useSettings } from '../../state/settings.ts';
import { text } from '../../text.ts';
import { LibraryStudies } from './LibraryStudies.tsx';

/** The folders that are learned from: typed, picked, or those of studies of the library. */
export function Sources({ disabled }: { readonly disabled: boolean }): ReactNode {
  const folders = useTuning((state) => state.draft.folders);
  const studyNames = useTuning((state) => state.studyNames);
  const hidden = useSettings((settings) => settings.hidePatient);
  // A name that was noted before patients were hidden says who it is.
  const wordsOf = (source: string): string => (hidden ? source : (studyNames[source] ?? source));
  const [typed, setTyped] = useState('');
  const add = (paths: readonly string[]): void => {
    const fresh = paths.map((path) => path.trim()).filter((path) => path !== '' && !folders.includes(path));
    if (fresh.length > 0) changeDraft({ folders: [...folders, ...fresh] });
    setTyped('');
  };
  const { pick, dialog } = usePickFolder(text.finetune.pick, (path) => add([path]));
  return (
    <div className="stack">
      <div className="row bottom">
        <TextInput
          className="grow"
          label={text.finetune.sources}
          description={text.finetune.sourcesHint}
          value={typed}
          disabled={disabled}
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add([typed]);
          }}
        />
        <Button variant="default" disabled={disabled || typed.trim() === ''} onClick={() => add([typed])}>
          {text.finetune.add}
        </Button>
        <Button variant="default" disabled={disabled} onClick={() => pick(typed)}>
          {text.finetune.browse}
        </Button>
      </div>
      {folders.length === 0 ? (
        <p className="dim small">{text.finetune.noSources}</p>
      ) : (
        <ul className="small">
          {folders.map((path) => (
            <li key={path} className="row">
              <span className={path in studyNames ? 'grow' : 'grow mono path'}>{wordsOf(path)}</span>
              <button
                type="button"
                className="icon-button"
                aria-label={text.finetune.remove(wordsOf(path))}
                disabled={disabled}
                onClick={() => changeDraft({ folders: folders.filter((one) => one !== path) })}
              >
                <X size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <LibraryStudies
        disabled={disabled}
        chosen={folders}
        onAdd={(sources, name) => {
          const named = Object.fromEntries(sources.map((source) => [source, name]));
          if (sources.length === 1) setTuning({ studyNames: { ...studyNames, ...named } });
          add(sources);
        }}
      />
      {dialog}
    </div>
  );
}
