import { type ReactNode, useEffect, useId, useState } from 'react';
import type { SixDegrees } from '../../../core/volume/sixDegrees.ts';
import { useAlign } from '../../state/align.ts';
import { moveTo } from '../../state/alignActions.ts';
import { text } from '../../text.ts';

const AXES = [
  ['translationMm', 0, 'left'],
  ['translationMm', 1, 'posterior'],
  ['translationMm', 2, 'superior'],
  ['rotationDeg', 0, 'nod'],
  ['rotationDeg', 1, 'tilt'],
  ['rotationDeg', 2, 'turn'],
] as const;

/** The six numbers of the reference's position, to read and to set. */
export function PositionNumbers({ disabled }: { readonly disabled: boolean }): ReactNode {
  const motion = useAlign((state) => state.position.motion);
  return (
    <fieldset className="position-numbers" disabled={disabled}>
      <legend className="field-label">{text.align.numbers}</legend>
      {AXES.map(([part, axis, name]) => (
        <NumberField
          key={name}
          name={name}
          value={motion[part][axis]}
          onSet={(value) => moveTo(withNumber(motion, part, axis, value), `number ${name}`)}
        />
      ))}
      <p className="dim small whole">{text.align.order}</p>
    </fieldset>
  );
}

function withNumber(
  motion: SixDegrees,
  part: 'translationMm' | 'rotationDeg',
  axis: 0 | 1 | 2,
  value: number,
): SixDegrees {
  const numbers: [number, number, number] = [...motion[part]];
  numbers[axis] = value;
  return { ...motion, [part]: numbers };
}

/** Farther than any head or table moves. */
const MOST = 1000;

function NumberField(props: {
  readonly name: keyof typeof text.align.axes;
  readonly value: number;
  readonly onSet: (value: number) => void;
}): ReactNode {
  const { name, value, onSet } = props;
  const id = useId();
  const words = String(Number(value.toFixed(2)));
  const [typed, setTyped] = useState(words);
  useEffect(() => setTyped(words), [words]);
  const set = (): void => {
    const number = Number(typed);
    if (typed.trim() === '' || !Number.isFinite(number) || Math.abs(number) > MOST) setTyped(words);
    else if (typed !== words) onSet(number);
  };
  return (
    <div className="number-field">
      <label className="small" htmlFor={id}>
        {text.align.axes[name]}
      </label>
      <input
        id={id}
        type="number"
        step={0.1}
        value={typed}
        data-axis={name}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={set}
        onKeyDown={(event) => {
          if (event.key === 'Enter') set();
          if (event.key === 'Escape') setTyped(words);
        }}
      />
    </div>
  );
}
