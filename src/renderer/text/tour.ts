import type { TourMoment } from '../state/tour.ts';

const moments: Record<TourMoment, string> = {
  studies:
    'This study was computed: a digital head in two contrasts. T2 is the target: slow to acquire, so its pixels are large. T1 is the reference: quick, so its pixels are small. Everything you see in a real study stands here too, warnings included.',
  pair: 'The pair: the target is enhanced, the reference guides it. Why they fit stands below. Other series could be chosen here, or none.',
  align:
    'The head moved between the two series: look at the edges with the checkerboard or the swipe. Align finds the motion and says whether it can be trusted; you can also move the reference yourself, with keys or handles.',
  enhance:
    'A quick model is chosen. Its card says what it was trained on and what it gained. Start “Enhance”: this takes well under a minute here. Meanwhile you can look around; the job goes on.',
  enhancing: 'The slices are computed one by one. You need not wait here: any task can be opened meanwhile.',
  enhanced:
    'Done. Below stand the verdict of the alignment, the time and the memory. Everything enhanced is labelled, on the screen and in every file. Go on to Review.',
  review:
    'The original is always one key away: hold O. Compare by swipe, blink or difference; measure; look at values. Detail that only the enhanced image shows was inferred, not measured.',
  reviewEarly:
    'There is no enhanced series yet: go back to Enhance first. The originals can be looked at here all the same.',
  export:
    'Writes the enhanced series as a new series of the same study, as DICOM or NIfTI. Originals are never changed. Choose a folder, or leave the one that is suggested.',
  exportEarly: 'There is nothing to export yet: go back to Enhance first.',
  exported:
    'That was the whole way: Studies, Pair, Align, Enhance, Review, Export. With your own study it is the same: open a folder, or drop it on the window.',
};

/** Words of the tour. */
export const tourText = {
  try: 'Try it with the digital phantom',
  tryHint: 'A tour of the whole way in a few minutes. No data needed; it runs on this machine.',
  preparing: 'Making the digital phantom',
  label: 'Tour',
  moments,
  step: (step: number, steps: number): string => `Tour, ${step} of ${steps}`,
  next: (task: string): string => `Go on to ${task}`,
  back: (task: string): string => `Back to ${task}`,
  leave: 'Leave the tour',
  finish: 'End the tour',
  start: 'Start the tour',
  resume: 'Go on with the tour',
};
