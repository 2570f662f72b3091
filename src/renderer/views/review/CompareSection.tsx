import { NativeSelect, NumberInput, SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { allColumns, columnId } from '../../state/columns.ts';
import { type BetweenVoxels, COMPARISON_MODES, type ComparisonMode } from '../../state/comparison.ts';
import { possibleTruths, setComparison, setComparisonMode } from '../../state/comparisonActions.ts';
import { useApp } from '../../state/store.ts';
import { useView } from '../../state/view.ts';
import { text } from '../../text.ts';
import { ErrorNumbers } from './ErrorNumbers.tsx';
import { Section } from './Section.tsx';

/** Two images in one cell. */
export function CompareSection(): ReactNode {
  const comparison = useView((view) => view.comparison);
  const words = text.review.compare;
  const choices = useApp(
    useShallow((state) =>
      allColumns(state).flatMap((column) => [
        columnId(column),
        `${text.columns[column.kind]}: ${column.title}`,
      ]),
    ),
  );
  const images = choices.flatMap((value, n) => (n % 2 === 0 ? [{ value, label: choices[n + 1] ?? '' }] : []));
  const { mode } = comparison;
  return (
    <Section title={words.title} open>
      <NativeSelect
        label={words.mode}
        value={mode}
        data={COMPARISON_MODES.map((value) => ({ value, label: words.modes[value] }))}
        onChange={(event) => setComparisonMode(event.currentTarget.value as ComparisonMode)}
      />
      {mode !== 'off' && (
        <>
          <NativeSelect
            label={words.first}
            value={comparison.first}
            data={images}
            onChange={(event) => setComparison({ first: event.currentTarget.value, truth: null })}
          />
          {mode === 'error' ? (
            <Truth />
          ) : (
            <NativeSelect
              label={words.second}
              value={comparison.second}
              data={images.filter(({ value }) => value !== comparison.first)}
              onChange={(event) => setComparison({ second: event.currentTarget.value })}
            />
          )}
          <ModeOptions />
        </>
      )}
    </Section>
  );
}

function ModeOptions(): ReactNode {
  const comparison = useView((view) => view.comparison);
  const words = text.review.compare;
  switch (comparison.mode) {
    case 'swipe':
      return (
        <div className="field">
          <span className="field-label" id="swipe-direction">
            {words.direction}
          </span>
          <SegmentedControl
            aria-labelledby="swipe-direction"
            value={comparison.swipeDirection}
            data={[
              { value: 'horizontal', label: words.directions.horizontal },
              { value: 'vertical', label: words.directions.vertical },
            ]}
            onChange={(value) => setComparison({ swipeDirection: value as 'horizontal' | 'vertical' })}
          />
        </div>
      );
    case 'blink':
      return (
        <NumberInput
          label={words.rate}
          value={comparison.blinksPerSecond}
          min={0.25}
          // More than three flashes a second can set off seizures (WCAG 2.3.1).
          max={3}
          step={0.25}
          onChange={(value) => {
            const rate = Number(value);
            if (rate >= 0.25 && rate <= 3) setComparison({ blinksPerSecond: rate });
          }}
        />
      );
    case 'checkerboard':
      return (
        <NumberInput
          label={words.field}
          value={comparison.fieldPx}
          min={8}
          max={512}
          step={8}
          onChange={(value) => {
            const fieldPx = Number(value);
            if (fieldPx >= 8 && fieldPx <= 512) setComparison({ fieldPx });
          }}
        />
      );
    case 'difference':
    case 'error':
      return (
        <>
          {comparison.mode === 'difference' && (
            <NativeSelect
              label={words.between}
              value={comparison.between}
              data={[
                { value: 'nearest', label: words.betweenVoxels.nearest },
                { value: 'linear', label: words.betweenVoxels.linear },
              ]}
              onChange={(event) => setComparison({ between: event.currentTarget.value as BetweenVoxels })}
            />
          )}
          <NumberInput
            label={words.scale}
            description={words.scaleHint}
            value={comparison.scale ?? ''}
            min={0}
            onChange={(value) => setComparison({ scale: Number(value) > 0 ? Number(value) : null })}
          />
        </>
      );
    default:
      return null;
  }
}

/** The series that is taken for the truth, and the numbers. */
function Truth(): ReactNode {
  const comparison = useView((view) => view.comparison);
  useView((view) => view.volumes);
  useApp((state) => state.studies);
  const words = text.review.compare;
  const truths = possibleTruths(comparison.first);
  if (truths.length === 0) return <p className="dim small">{words.noTruth}</p>;
  return (
    <>
      <NativeSelect
        label={words.truth}
        value={comparison.truth ?? ''}
        data={[
          { value: '', label: words.chooseTruth },
          ...truths.map(({ key, title }) => ({ value: key, label: title })),
        ]}
        onChange={(event) => setComparison({ truth: event.currentTarget.value || null })}
      />
      {comparison.truth !== null && <ErrorNumbers first={comparison.first} truth={comparison.truth} />}
    </>
  );
}
