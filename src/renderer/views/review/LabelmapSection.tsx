import { Button, Checkbox, Slider } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { FileField } from '../../components/FileField.tsx';
import { openLabelmap, removeLabelmap, setLabelmap } from '../../state/labelmapActions.ts';
import { currentStudy, useApp } from '../../state/store.ts';
import { type Labelmap, useView } from '../../state/view.ts';
import { text } from '../../text.ts';
import { labelPaint } from '../../viewer/labelColours.ts';
import { Section } from './Section.tsx';

const MOST_LABELS = 16;

/** Labels over the images: a segmentation of the study, or a file of the user's. */
export function LabelmapSection(): ReactNode {
  const labelmap = useView((view) => view.labelmap);
  const [path, setPath] = useState('');
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const words = text.review.labelmap;
  const open = async (file: string, within?: readonly string[]): Promise<void> => {
    setBusy(true);
    setError(await openLabelmap(file, within));
    setBusy(false);
  };
  return (
    <Section title={words.title}>
      <OfStudy busy={busy} onOpen={open} />
      <form
        className="row bottom"
        onSubmit={(event) => {
          event.preventDefault();
          void open(path);
        }}
      >
        <FileField label={words.path} kind="labels" value={path} onChange={setPath} />
        <Button type="submit" variant="default" disabled={path.trim() === ''} loading={busy}>
          {words.open}
        </Button>
      </form>
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
      {labelmap !== null && <Shown labelmap={labelmap} />}
    </Section>
  );
}

/** Segmentations that were found with the images. */
function OfStudy(props: {
  readonly busy: boolean;
  readonly onOpen: (path: string, within: readonly string[]) => Promise<void>;
}): ReactNode {
  const segmentations = useApp((state) => currentStudy(state)?.segmentations);
  const paths = useApp((state) => state.paths);
  const words = text.review.labelmap;
  if (segmentations === undefined) return null;
  return (
    <ul className="stack" aria-label={words.inStudy}>
      {segmentations.map(({ uid, path, description, labels }) => {
        const name = description === '' ? words.nameless : description;
        return (
          <li key={uid} className="row" data-segmentation={uid}>
            <span className="grow small">
              {name} <span className="dim">{words.segments(labels)}</span>
            </span>
            <Button
              variant="default"
              size="compact-xs"
              disabled={props.busy}
              aria-label={words.showOne(name)}
              onClick={() => void props.onOpen(path, paths)}
            >
              {words.open}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

/** What lies over the images now, and how. */
function Shown({ labelmap }: { readonly labelmap: Labelmap }): ReactNode {
  const words = text.review.labelmap;
  return (
    <>
      <div className="row">
        <span className="grow path small">{labelmap.name}</span>
        <Button variant="default" size="compact-xs" onClick={removeLabelmap}>
          {words.remove}
        </Button>
      </div>
      {labelmap.warnings.map((warning) => (
        <p key={warning} className="small" role="status">
          {warning}
        </p>
      ))}
      <ul className="row wrap small" aria-label={words.labels}>
        {labelmap.labels.slice(0, MOST_LABELS).map(({ value, name, color }) => (
          <li key={value} className="label-key">
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" fill={labelPaint(color)} />
            </svg>
            {name}
          </li>
        ))}
        {labelmap.labels.length > MOST_LABELS && (
          <li className="dim">{words.moreLabels(labelmap.labels.length - MOST_LABELS)}</li>
        )}
      </ul>
      <div className="field">
        <span className="field-label" id="labelmap-opacity">
          {words.opacity}
        </span>
        <Slider
          aria-labelledby="labelmap-opacity"
          thumbLabel={words.opacity}
          min={0}
          max={1}
          step={0.05}
          value={labelmap.opacity}
          label={(value) => `${Math.round(100 * value)} %`}
          onChange={(opacity) => setLabelmap({ opacity })}
        />
      </div>
      <Checkbox
        label={words.outline}
        checked={labelmap.outline}
        onChange={(event) => setLabelmap({ outline: event.currentTarget.checked })}
      />
    </>
  );
}
