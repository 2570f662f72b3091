import { TandemError } from '../../core/errors.ts';
import { useView } from '../state/view.ts';
import { text } from '../text.ts';
import { addMasked } from './captureMask.ts';
import { paintMarks, paintWords } from './captureOverlays.ts';

export interface CaptureOptions {
  /**
   * Labels, marks and measurements too. What says that an image is enhanced, interpolated or not acquired, the
   * scale of a colour map and the research mark are in the picture in any case.
   */
  readonly overlays: boolean;
}

/** Below the picture, for the research mark; CSS pixels. */
const MARK_HEIGHT = 22;
const MARK_FONT = '600 12px sans-serif';

/** What stays in a picture without overlays. */
const ALWAYS_WORDS =
  '.label-note, .contour-mark, .compared-label, .swipe-name, .compared-missing, .colour-scale span, .outside, .viewport-note';
const ALL_WORDS = `${ALWAYS_WORDS}, .labels span`;
const ALWAYS_MARKS = '.overlay.gaps';
const ALL_MARKS = '.overlay';

/**
 * A PNG of one cell, by its id, or of all that the viewer shows, as fine as the screen.
 * @throws TandemError `usage` where there is no such cell on the screen
 */
export async function capture(what: 'all' | string, { overlays }: CaptureOptions): Promise<Blob> {
  await drawn();
  const frame = document.querySelector(
    what === 'all' ? '.grid' : `.viewport[data-cell="${CSS.escape(what)}"]`,
  );
  const cells = what === 'all' ? [...(frame?.querySelectorAll('.viewport') ?? [])] : [frame];
  if (frame === null || cells.length === 0) {
    throw new TandemError('usage', text.viewer.nothingToCapture, { hint: text.viewer.nothingToCaptureHint });
  }
  const box = frame.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round((box.height + MARK_HEIGHT) * ratio);
  const context = canvas.getContext('2d');
  if (context === null) throw new TandemError('failed', text.viewer.noPicture);
  context.scale(ratio, ratio);
  context.fillStyle = '#000';
  context.fillRect(0, 0, box.width, box.height + MARK_HEIGHT);
  for (const cell of cells) if (cell !== null) paintCell(context, cell, box, overlays);
  paintResearchMark(context, box.width, box.height);
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new TandemError('failed', text.viewer.noPicture));
      else resolve(blob);
    }, 'image/png');
  });
}

/** Waits until what the state says is on the screen. */
async function drawn(): Promise<void> {
  for (let n = 0; n < 3; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
}

function paintCell(
  context: CanvasRenderingContext2D,
  cell: Element,
  frame: DOMRect,
  overlays: boolean,
): void {
  const box = cell.getBoundingClientRect();
  context.save();
  context.translate(box.left - frame.left, box.top - frame.top);
  context.beginPath();
  context.rect(0, 0, box.width, box.height);
  context.clip();
  const { comparison } = useView.getState();
  for (const canvas of cell.querySelectorAll<HTMLCanvasElement>(
    '.picture canvas, .difference, .labelmap, .contours',
  )) {
    const layer = canvas.closest<HTMLElement>('.picture') ?? canvas;
    if (canvas.width === 0 || getComputedStyle(layer).visibility === 'hidden') continue;
    if (canvas.classList.contains('difference')) context.fillRect(0, 0, box.width, box.height);
    addMasked(context, canvas, box, layer.dataset.part === 'second' ? comparison : undefined);
  }
  for (const overlay of cell.querySelectorAll<SVGSVGElement>(overlays ? ALL_MARKS : ALWAYS_MARKS)) {
    paintMarks(context, overlay);
  }
  for (const bar of cell.querySelectorAll<HTMLCanvasElement>('.colour-bar')) {
    const at = bar.getBoundingClientRect();
    context.drawImage(bar, at.left - box.left, at.top - box.top, at.width, at.height);
  }
  for (const words of cell.querySelectorAll<HTMLElement>(overlays ? ALL_WORDS : ALWAYS_WORDS)) {
    paintWords(context, words, box);
  }
  context.restore();
}

function paintResearchMark(context: CanvasRenderingContext2D, width: number, top: number): void {
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue('--tm-overlay-mark') || '#fff';
  context.font = MARK_FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text.banner, width / 2, top + MARK_HEIGHT / 2, width - 8);
}
