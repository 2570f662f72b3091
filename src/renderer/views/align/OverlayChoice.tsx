import { Checkbox, SegmentedControl } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { OVERLAYS, type Overlay, setAlign, useAlign } from '../../state/align.ts';
import { text } from '../../text.ts';

/** How the two images are laid over each other. */
export function OverlayChoice(): ReactNode {
  const { overlay, blend, swipe, fieldMm, edgesOf, coloured } = useAlign();
  return (
    <section className="field" aria-labelledby="overlay-label">
      <span className="field-label" id="overlay-label">
        {text.align.overlay}
      </span>
      <SegmentedControl
        fullWidth
        aria-labelledby="overlay-label"
        value={overlay}
        data={OVERLAYS.map((value) => ({ value, label: text.align.overlays[value] }))}
        onChange={(value) => setAlign({ overlay: value as Overlay })}
      />
      {overlay === 'blend' && (
        <Range
          label={text.align.blend}
          value={Math.round(100 * blend)}
          words={text.align.blendValue(blend)}
          min={0}
          max={100}
          onChange={(value) => setAlign({ blend: value / 100 })}
        />
      )}
      {overlay === 'swipe' && (
        <Range
          label={text.align.swipe}
          value={Math.round(100 * swipe)}
          words={text.align.blendValue(swipe)}
          min={0}
          max={100}
          onChange={(value) => setAlign({ swipe: value / 100 })}
        />
      )}
      {overlay === 'checkerboard' && (
        <Range
          label={text.align.field}
          value={fieldMm}
          words={text.align.fieldValue(fieldMm)}
          min={5}
          max={80}
          onChange={(value) => setAlign({ fieldMm: value })}
        />
      )}
      {overlay === 'edges' ? (
        <SegmentedControl
          fullWidth
          aria-label={text.align.edgesOf}
          value={edgesOf}
          data={[
            { value: 'reference', label: text.align.edgesOfReference },
            { value: 'target', label: text.align.edgesOfTarget },
          ]}
          orientation="vertical"
          onChange={(value) => setAlign({ edgesOf: value === 'target' ? 'target' : 'reference' })}
        />
      ) : (
        <Checkbox
          label={text.align.coloured}
          checked={coloured}
          onChange={(event) => setAlign({ coloured: event.currentTarget.checked })}
        />
      )}
    </section>
  );
}

function Range(props: {
  readonly label: string;
  readonly value: number;
  readonly words: string;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className="range">
      <label className="small" htmlFor={id}>
        {props.label}
      </label>
      <span className="dim small numbers">{props.words}</span>
      <input
        id={id}
        type="range"
        min={props.min}
        max={props.max}
        value={props.value}
        aria-valuetext={props.words}
        onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      />
    </div>
  );
}
