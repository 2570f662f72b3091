import { Checkbox, NativeSelect, SegmentedControl, Slider } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { setContourLabel } from '../../../state/contourActions.ts';
import { OUTLINE_MODES, outlineName, setContours, useContours } from '../../../state/contours.ts';
import { text } from '../../../text.ts';
import { outlineStyle } from '../../../viewer/contourColours.ts';
import { labelPaint } from '../../../viewer/labelColours.ts';

/** How outlines lie over the images, and whose colour is whose. */
export function ContourDisplay(): ReactNode {
  const { shown, mode, opacity, filled } = useContours(
    useShallow(({ shown, mode, opacity, filled }) => ({ shown, mode, opacity, filled })),
  );
  const id = useId();
  const words = text.contours;
  return (
    <section className="stack" aria-label={words.display}>
      <Checkbox
        label={words.shown}
        checked={shown}
        onChange={(event) => setContours({ shown: event.currentTarget.checked })}
      />
      <div className="field">
        <span className="field-label" id={`${id}-mode`}>
          {words.mode}
        </span>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-labelledby={`${id}-mode`}
          value={mode}
          data={OUTLINE_MODES.map((value) => ({ value, label: words.modes[value] }))}
          onChange={(value) => setContours({ mode: value === 'all' ? 'all' : 'own' })}
        />
      </div>
      <Legend />
      <div className="field">
        <span className="field-label" id={`${id}-opacity`}>
          {words.opacity}
        </span>
        <Slider
          aria-labelledby={`${id}-opacity`}
          thumbLabel={words.opacity}
          min={0.1}
          max={1}
          step={0.05}
          value={opacity}
          label={(value) => `${Math.round(100 * value)} %`}
          onChange={(value) => setContours({ opacity: value })}
        />
      </div>
      <Checkbox
        label={words.filled}
        checked={filled}
        onChange={(event) => setContours({ filled: event.currentTarget.checked })}
      />
      <LabelChoice />
    </section>
  );
}

/** Colour and dashes of every outline, or of every label where each image has its own outline. */
function Legend(): ReactNode {
  const { outlines, mode } = useContours(useShallow(({ outlines, mode }) => ({ outlines, mode })));
  const keys =
    mode === 'all'
      ? outlines.map((outline, place) => ({ name: outlineName(outline), ...outlineStyle(place) }))
      : (outlines[0]?.found.labels ?? []).map(({ name }, place) => ({
          name,
          color: outlineStyle(place).color,
          dashes: [],
        }));
  return (
    <ul className="contour-keys small" aria-label={text.contours.legend}>
      {keys.map(({ name, color, dashes }) => (
        <li key={name}>
          <svg className="contour-key" viewBox="0 0 30 6" aria-hidden="true">
            <path className="contour-key-shadow" d="M0 3H30" />
            <path d="M0 3H30" stroke={labelPaint(color)} strokeDasharray={dashes.join(' ') || undefined} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

/** Of a model with several labels, the one that is compared and painted. */
function LabelChoice(): ReactNode {
  const { outlines, label } = useContours(useShallow(({ outlines, label }) => ({ outlines, label })));
  const labels = outlines[0]?.found.labels ?? [];
  if (labels.length < 2) return null;
  return (
    <NativeSelect
      label={text.contours.label}
      value={label === null ? '' : String(label)}
      data={[
        { value: '', label: text.contours.allLabels },
        ...labels.map(({ value, name }) => ({ value: String(value), label: name })),
      ]}
      onChange={(event) =>
        setContourLabel(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))
      }
    />
  );
}
