import { Button, Checkbox, Slider, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ErrorData } from '../../../core/errors.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { openLabelmap, removeLabelmap, setLabelmap } from '../../state/labelmapActions.ts';
import { useView } from '../../state/view.ts';
import { text } from '../../text.ts';
import { labelPaint } from '../../viewer/labelColours.ts';
import { Section } from './Section.tsx';

const MOST_LABELS = 16;

/** Labels over the images, from a file of the user's. */
export function LabelmapSection(): ReactNode {
  const labelmap = useView((view) => view.labelmap);
  const [path, setPath] = useState('');
  const [error, setError] = useState<ErrorData | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const words = text.review.labelmap;
  const open = async (): Promise<void> => {
    setBusy(true);
    setError(await openLabelmap(path));
    setBusy(false);
  };
  return (
    <Section title={words.title}>
      <form
        className="row bottom"
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <TextInput
          className="grow"
          label={words.path}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={path.trim() === ''} loading={busy}>
          {words.open}
        </Button>
      </form>
      {error !== undefined && <ErrorNotice error={error} onDismiss={() => setError(undefined)} />}
      {labelmap !== null && (
        <>
          <div className="row">
            <span className="grow path small">{labelmap.name}</span>
            <Button variant="default" size="compact-xs" onClick={removeLabelmap}>
              {words.remove}
            </Button>
          </div>
          <ul className="row wrap small" aria-label={words.labels}>
            {labelmap.labels.slice(0, MOST_LABELS).map((label) => (
              <li key={label} className="label-key">
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <rect width="10" height="10" fill={labelPaint(label)} />
                </svg>
                {label}
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
      )}
    </Section>
  );
}
