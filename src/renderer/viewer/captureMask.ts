import type { Comparison } from '../state/comparison.ts';

/** Adds a cell's picture; of the second image of a comparison, only the part that is seen. */
export function addMasked(
  context: CanvasRenderingContext2D,
  picture: HTMLCanvasElement,
  box: { readonly width: number; readonly height: number },
  comparison: Comparison | undefined,
): void {
  context.save();
  if (comparison !== undefined) {
    context.beginPath();
    for (const [x, y, width, height] of seenParts(comparison, box)) context.rect(x, y, width, height);
    context.clip();
  }
  context.drawImage(picture, 0, 0, box.width, box.height);
  context.restore();
}

/** Rectangles of a cell in which the second image of a comparison is seen: left, top, width, height. */
export function seenParts(
  { mode, swipe, swipeDirection, fieldPx }: Comparison,
  { width, height }: { readonly width: number; readonly height: number },
): (readonly [number, number, number, number])[] {
  if (mode === 'swipe') {
    return swipeDirection === 'horizontal'
      ? [[swipe * width, 0, (1 - swipe) * width, height]]
      : [[0, swipe * height, width, (1 - swipe) * height]];
  }
  if (mode !== 'checkerboard') return [[0, 0, width, height]];
  const fields: (readonly [number, number, number, number])[] = [];
  // The first field, at the top left, shows the first image.
  for (let row = 0; row * fieldPx < height; row++) {
    for (let column = (row + 1) % 2; column * fieldPx < width; column += 2) {
      fields.push([column * fieldPx, row * fieldPx, fieldPx, fieldPx]);
    }
  }
  return fields;
}
