import type { Column } from '../state/columns.ts';
import { type ContourState, type Outline, outlineName } from '../state/contours.ts';
import { contourVoxels } from '../state/contourVoxels.ts';
import { text } from '../text.ts';
import { outlineStyle } from './contourColours.ts';
import type { DrawnLabels } from './contourPaths.ts';

type Rgb = readonly [number, number, number];

/** An outline as a cell shows it. */
export interface DrawnOutline {
  readonly outline: Outline;
  readonly labels: DrawnLabels;
  readonly colorOf: (label: number) => Rgb;
  readonly dashes: readonly number[];
  /** What the legend in the cell says, each in its colour. */
  readonly words: readonly { readonly text: string; readonly color: Rgb }[];
}

/**
 * What is drawn over an image: its own outline, or all of them. Over two images that are compared an outline without
 * the name of its image would be taken for the other's: there each is named, in a colour of its own.
 * @param beside the image that is seen with it, where two are compared
 */
export function drawnOutlines(
  state: Pick<ContourState, 'outlines' | 'shown' | 'mode' | 'label'>,
  column: Column | undefined,
  beside?: Column,
): DrawnOutline[] {
  if (!state.shown || column === undefined) return [];
  const here = state.outlines.filter(({ image }) => contourVoxels(image) !== undefined);
  if (state.mode === 'own' && beside === undefined) {
    const outline = here.find(({ image }) => image === column.key);
    return outline === undefined ? [] : [ownOutline(outline)];
  }
  const seen =
    state.mode === 'all' ? here : here.filter(({ image }) => image === column.key || image === beside?.key);
  return seen.map((outline) => {
    const { color, dashes } = outlineStyle(state.outlines.indexOf(outline));
    return {
      outline,
      labels: { together: state.label },
      colorOf: () => color,
      dashes,
      words: [{ text: outlineName(outline), color }],
    };
  });
}

function ownOutline(outline: Outline): DrawnOutline {
  const { labels } = outline.found;
  const colorOf = (label: number): Rgb =>
    outlineStyle(labels.findIndex(({ value }) => value === label)).color;
  return {
    outline,
    labels: { apart: labels.map(({ value }) => value) },
    colorOf,
    dashes: [],
    words: labels.map(({ value, name }, n) => ({
      text: n === 0 && outline.isCorrected ? text.contours.corrected(name) : name,
      color: colorOf(value),
    })),
  };
}
