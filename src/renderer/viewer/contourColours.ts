import { labelColour } from './labelColours.ts';

/**
 * How the outlines of several images are told apart over one: by colour (of Okabe and Ito, for every kind of colour
 * vision), and by their dashes, so that lines that lie on each other are all seen.
 */
export interface OutlineStyle {
  readonly color: readonly [number, number, number];
  /** Line and gap in turn, CSS pixels; none: a whole line. */
  readonly dashes: readonly number[];
}

/** The first, orange, is that of labels of a file, which may be the truth beside them. */
const COLOURS = [2, 4, 7, 3, 6, 5] as const;
const DASHES: readonly (readonly number[])[] = [[], [7, 5], [3, 3], [10, 4, 2, 4], [1, 4], [14, 4]];

/** The style of the outline of this place among all; they come again after six. */
export function outlineStyle(place: number): OutlineStyle {
  const n = place % COLOURS.length;
  return { color: labelColour(COLOURS[n]!), dashes: DASHES[n]! };
}
