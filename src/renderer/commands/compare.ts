import { measurementsCsv } from '../measure/csv.ts';
import { deleteAllMeasurements, deleteSelected } from '../measure/measureActions.ts';
import { imagesOnScreen } from '../measure/measuredImages.ts';
import { COMPARISON_MODES } from '../state/comparison.ts';
import { cycleComparison, moveSwipe, setComparisonMode } from '../state/comparisonActions.ts';
import { useMeasurements } from '../state/measurements.ts';
import { useApp } from '../state/store.ts';
import { useView } from '../state/view.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

const SWIPE_STEP = 0.05;

const hasImages = (): boolean => useApp.getState().targetUid !== null;
const hasMeasurements = (): boolean => useMeasurements.getState().items.length > 0;
const isSwiping = (): boolean => useView.getState().comparison.mode === 'swipe';

/** Comparing two images in one cell, and what was measured. */
export const compareCommands: readonly Command[] = [
  ...COMPARISON_MODES.map(
    (mode): Command => ({
      id: `compare.${mode}`,
      title: text.review.compare.modeOf(text.review.compare.modes[mode]),
      group: 'compare',
      when: hasImages,
      run: () => setComparisonMode(mode),
    }),
  ),
  {
    id: 'compare.next',
    title: text.review.compare.next,
    group: 'compare',
    keys: ['Shift+c'],
    when: hasImages,
    run: cycleComparison,
  },
  {
    id: 'compare.swipeOn',
    title: text.review.compare.swipeOn,
    group: 'compare',
    keys: ['>'],
    repeats: true,
    when: isSwiping,
    run: () => moveSwipe(SWIPE_STEP),
  },
  {
    id: 'compare.swipeBack',
    title: text.review.compare.swipeBack,
    group: 'compare',
    keys: ['<'],
    repeats: true,
    when: isSwiping,
    run: () => moveSwipe(-SWIPE_STEP),
  },
  {
    id: 'measure.delete',
    title: text.measure.deleteSelected,
    group: 'measure',
    keys: ['Delete', 'Backspace'],
    when: () => useMeasurements.getState().selected !== null,
    run: deleteSelected,
  },
  {
    id: 'measure.deleteAll',
    title: text.measure.deleteAllLong,
    group: 'measure',
    when: hasMeasurements,
    run: deleteAllMeasurements,
  },
  {
    id: 'measure.copy',
    title: text.measure.copyCsvLong,
    group: 'measure',
    when: hasMeasurements,
    run: () =>
      void navigator.clipboard.writeText(measurementsCsv(useMeasurements.getState().items, imagesOnScreen())),
  },
];
