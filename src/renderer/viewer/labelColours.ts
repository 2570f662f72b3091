/** Colours that colour-blind readers tell apart (Okabe and Ito 2008), without black: images are dark. */
const COLOURS: readonly (readonly [number, number, number])[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];

/** Red, green and blue of a label other than 0; they come again after seven. */
export function labelColour(label: number): readonly [number, number, number] {
  const count = COLOURS.length;
  return COLOURS[(((Math.round(label) - 1) % count) + count) % count]!;
}

/** A colour for the page, as CSS has it. */
export function labelPaint(color: readonly [number, number, number]): string {
  return `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
