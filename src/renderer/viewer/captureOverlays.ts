/**
 * Draws what lies over an image into a picture, as the page shows it: marks (SVG) and words (HTML), each with
 * its computed style.
 */

/** Lines, outlines, circles and texts of one overlay. */
export function paintMarks(context: CanvasRenderingContext2D, overlay: SVGSVGElement): void {
  for (const element of overlay.querySelectorAll<SVGElement>('line, polyline, polygon, circle, text')) {
    if (element.closest('defs') !== null) continue;
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden' || style.display === 'none') continue;
    context.save();
    const moved = element.closest('g[transform]')?.getAttribute('transform') ?? '';
    const [, x = '0', y = '0'] = /translate\(([-\d.e]+) ([-\d.e]+)\)/.exec(moved) ?? [];
    context.translate(Number(x), Number(y));
    if (element instanceof SVGTextElement) paintText(context, element, style);
    else paintShape(context, element, style, overlay);
    context.restore();
  }
}

function paintShape(
  context: CanvasRenderingContext2D,
  element: SVGElement,
  style: CSSStyleDeclaration,
  overlay: SVGSVGElement,
): void {
  const number = (name: string): number => Number(element.getAttribute(name));
  context.beginPath();
  if (element instanceof SVGLineElement) {
    context.moveTo(number('x1'), number('y1'));
    context.lineTo(number('x2'), number('y2'));
  } else if (element instanceof SVGCircleElement) {
    context.arc(number('cx'), number('cy'), number('r'), 0, 2 * Math.PI);
  } else {
    const points = (element.getAttribute('points') ?? '').split(' ').filter((point) => point !== '');
    for (const [n, point] of points.entries()) {
      const [x = 0, y = 0] = point.split(',').map(Number);
      if (n === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    if (element instanceof SVGPolygonElement) context.closePath();
  }
  const fill = element.getAttribute('fill')?.startsWith('url(') ? hatch(context, overlay) : style.fill;
  if (fill !== null && fill !== 'none' && !(element instanceof SVGLineElement)) {
    context.fillStyle = fill;
    context.fill();
  }
  if (style.stroke === 'none') return;
  context.strokeStyle = style.stroke;
  context.globalAlpha = Number(style.strokeOpacity);
  context.lineWidth = Number.parseFloat(style.strokeWidth);
  context.setLineDash(
    style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(',').map(Number.parseFloat),
  );
  context.stroke();
}

function paintText(
  context: CanvasRenderingContext2D,
  element: SVGTextElement,
  style: CSSStyleDeclaration,
): void {
  context.font = fontOf(style);
  context.textAlign =
    style.textAnchor === 'middle' ? 'center' : style.textAnchor === 'end' ? 'right' : 'left';
  const [x, y] = [Number(element.getAttribute('x')), Number(element.getAttribute('y'))];
  outlined(context, element.textContent ?? '', x, y, style.fill);
}

/** The hatch of what was not acquired, from its pattern's own colours. */
function hatch(context: CanvasRenderingContext2D, overlay: SVGSVGElement): CanvasPattern | string {
  const ground = overlay.querySelector('.hatch-ground');
  const line = overlay.querySelector('.hatch-line');
  const tile = new OffscreenCanvas(16, 16);
  const drawing = tile.getContext('2d');
  if (ground === null || line === null || drawing === null) return '#000';
  drawing.fillStyle = getComputedStyle(ground).fill;
  drawing.fillRect(0, 0, 16, 16);
  drawing.strokeStyle = getComputedStyle(line).stroke;
  drawing.lineWidth = 3;
  for (const offset of [-16, 0, 16]) {
    drawing.beginPath();
    drawing.moveTo(offset, 16);
    drawing.lineTo(offset + 16, 0);
    drawing.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? '#000';
}

/** The words of an element that has no other elements in it, at their place in the cell. */
export function paintWords(context: CanvasRenderingContext2D, element: HTMLElement, cell: DOMRect): void {
  if (element.childElementCount > 0) return;
  const words = element.textContent ?? '';
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (words === '' || style.display === 'none' || box.width === 0) return;
  const [left, top] = [box.left - cell.left, box.top - cell.top];
  context.save();
  if (style.backgroundColor !== 'rgba(0, 0, 0, 0)') {
    context.fillStyle = style.backgroundColor;
    context.fillRect(left, top, box.width, box.height);
  }
  if (element.classList.contains('scale-bar')) paintBar(context, style, left, top, box);
  context.font = fontOf(style);
  context.textBaseline = 'middle';
  const lines = linesOf(element);
  for (const line of lines) {
    outlined(
      context,
      line.words,
      line.left - cell.left,
      (line.top + line.bottom) / 2 - cell.top,
      style.color,
    );
  }
  context.restore();
}

/** The words of an element, line by line, as they are broken on the page. */
function linesOf(
  element: HTMLElement,
): { readonly words: string; readonly left: number; readonly top: number; readonly bottom: number }[] {
  const node = element.firstChild;
  if (node === null) return [];
  const range = document.createRange();
  const lines: { words: string; left: number; top: number; bottom: number }[] = [];
  const all = node.textContent ?? '';
  for (let n = 0; n < all.length; n++) {
    range.setStart(node, n);
    range.setEnd(node, n + 1);
    const box = range.getBoundingClientRect();
    const last = lines.at(-1);
    if (last !== undefined && Math.abs(last.top - box.top) < 3) last.words += all[n];
    else lines.push({ words: all[n] ?? '', left: box.left, top: box.top, bottom: box.bottom });
  }
  return lines;
}

function paintBar(
  context: CanvasRenderingContext2D,
  style: CSSStyleDeclaration,
  left: number,
  top: number,
  box: DOMRect,
): void {
  context.strokeStyle = style.borderBottomColor;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left + 0.5, top);
  context.lineTo(left + 0.5, top + box.height - 0.5);
  context.lineTo(left + box.width - 0.5, top + box.height - 0.5);
  context.lineTo(left + box.width - 0.5, top);
  context.stroke();
}

function outlined(
  context: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  colour: string,
): void {
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = '#000';
  context.strokeText(words, x, y);
  context.fillStyle = colour;
  context.fillText(words, x, y);
}

function fontOf(style: CSSStyleDeclaration): string {
  return `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
}
