import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { LibraryStudy } from '../../../core/contract/library.ts';
import { type ErrorData, toErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { workstation } from '../../state/session.ts';
import { useSettings } from '../../state/settings.ts';
import { text } from '../../text.ts';

/** Studies that can be learned from: those of two series and more whose files are where they were. */
export function LibraryStudies(props: {
  readonly disabled: boolean;
  readonly chosen: readonly string[];
  readonly onAdd: (sources: readonly string[], name: string) => void;
}): ReactNode {
  const { disabled, chosen, onAdd } = props;
  const hidden = useSettings((settings) => settings.hidePatient);
  const [studies, setStudies] = useState<readonly LibraryStudy[] | undefined>(undefined);
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  const load = async (): Promise<void> => {
    try {
      const found = await workstation().call('librarySearch', { limit: 200, sort: 'patient' });
      setStudies(
        found.studies.filter(({ series, missingPaths }) => series.length > 1 && missingPaths.length === 0),
      );
    } catch (thrown) {
      setError(toErrorData(thrown));
    }
  };
  return (
    <details
      onToggle={(event) => {
        if (event.currentTarget.open && studies === undefined) void load();
      }}
    >
      <summary className="small">{text.finetune.library}</summary>
      {error !== undefined && <ErrorNotice error={error} />}
      {studies === undefined && error === undefined && (
        <p className="dim small">{text.finetune.libraryLoading}</p>
      )}
      {studies?.length === 0 && <p className="dim small">{text.finetune.libraryEmpty}</p>}
      <ul className="small">
        {studies?.map((study) => {
          const name = nameOf(study, hidden);
          return (
            <li key={study.uid} className="row">
              <span className="grow">{name}</span>
              <Button
                variant="default"
                size="compact-xs"
                aria-label={text.finetune.addStudy(name)}
                disabled={disabled || sourcesOf(study).every((source) => chosen.includes(source))}
                onClick={() => onAdd(sourcesOf(study), name)}
              >
                {text.finetune.add}
              </Button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** A DICOM study by itself: its folder may hold other patients. */
function sourcesOf({ uid, paths, series }: LibraryStudy): readonly string[] {
  return series.every(({ format }) => format === 'dicom') ? [`study:${uid}`] : paths;
}

function nameOf({ patientName, description, date, series }: LibraryStudy, hidden: boolean): string {
  const contrasts = series.map(({ contrast }) => text.contrasts[contrast]).join(', ');
  const who = hidden ? text.settings.hidden : patientName;
  return [who, description, date, contrasts].filter((part) => part !== '').join(' · ');
}
