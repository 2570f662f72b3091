import type { Overlay } from '../../state/align.ts';

/** Pictures of one image over another, pixel by pixel. */

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Two images on the same pixels, row-major; NaN where there is nothing. */
export interface Layers {
  readonly columns: number;
  readonly rows: number;
  readonly target: Float32Array;
  readonly reference: Float32Array;
}

/** Values shown as black and as white. */
export interface Shown {
  readonly lower: number;
  readonly upper: number;
}

export interface OverlayOptions {
  readonly overlay: Overlay;
  /** Share of the reference in the blend, 0 to 1. */
  readonly blend: number;
  /** Where the reference begins, from the left, 0 to 1. */
  readonly swipe: number;
  /** Side of a field of the checkerboard, pixels. */
  readonly fieldPx: number;
  readonly edgesOf: 'target' | 'reference';
  /** Target and reference in two colours, so that what fits is grey. */
  readonly colours: { readonly target: Colour; readonly reference: Colour } | undefined;
  readonly edgeColour: Colour;
}

const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
/** Edges begin to show at this share of the steepest change that is common in the image, and are full at all of it. */
const EDGE_FROM = 0.25;

/** Draws the overlay into RGBA, opaque. */
export function drawOverlay(
  layers: Layers,
  windows: { readonly target: Shown; readonly reference: Shown },
  options: OverlayOptions,
  out: Uint8ClampedArray,
): void {
  const { columns, rows } = layers;
  const target = greys(layers.target, windows.target);
  const reference = greys(layers.reference, windows.reference);
  const { overlay, blend, colours, edgeColour } = options;
  const tintTarget = colours?.target ?? WHITE;
  const tintReference = colours?.reference ?? WHITE;
  const edges =
    overlay === 'edges'
      ? edgesOf(options.edgesOf === 'target' ? target : reference, columns, rows)
      : undefined;
  const under = options.edgesOf === 'target' ? reference : target;
  const border = Math.round(options.swipe * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = y * columns + x;
      for (const channel of [0, 1, 2] as const) {
        let value: number;
        if (overlay === 'blend') {
          const ofTarget = target[at]! * (tintTarget[channel] / 255);
          const ofReference = reference[at]! * (tintReference[channel] / 255);
          value =
            colours === undefined
              ? (1 - blend) * ofTarget + blend * ofReference
              : Math.min(1, 2 * (1 - blend)) * ofTarget + Math.min(1, 2 * blend) * ofReference;
        } else if (edges !== undefined) {
          value = under[at]! * (1 - edges[at]!) + (edgeColour[channel] / 255) * edges[at]!;
        } else {
          const isReference =
            overlay === 'swipe'
              ? x >= border
              : (Math.floor(x / options.fieldPx) + Math.floor(y / options.fieldPx)) % 2 === 1;
          value = isReference
            ? reference[at]! * (tintReference[channel] / 255)
            : target[at]! * (tintTarget[channel] / 255);
        }
        out[4 * at + channel] = 255 * value;
      }
      out[4 * at + 3] = 255;
    }
  }
}

/** Values as greys, 0 to 1; 0 where there is nothing. */
function greys(values: Float32Array, { lower, upper }: Shown): Float32Array {
  const factor = 1 / Math.max(upper - lower, 1e-12);
  return values.map((value) => {
    const grey = (value - lower) * factor;
    return grey > 0 ? Math.min(grey, 1) : 0;
  });
}

/** How much of an edge there is at each pixel, 0 to 1: Sobel's gradient over that of the image's clear edges. */
export function edgesOf(grey: Float32Array, columns: number, rows: number): Float32Array {
  const steepness = new Float32Array(grey.length);
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      const at = y * columns + x;
      const value = (dx: number, dy: number): number => grey[at + dx + dy * columns]!;
      const across =
        value(1, -1) + 2 * value(1, 0) + value(1, 1) - value(-1, -1) - 2 * value(-1, 0) - value(-1, 1);
      const along =
        value(-1, 1) + 2 * value(0, 1) + value(1, 1) - value(-1, -1) - 2 * value(0, -1) - value(1, -1);
      steepness[at] = Math.hypot(across, along);
    }
  }
  const seen = steepness.filter((value) => value > 0.02).sort();
  const clear = seen[Math.floor(0.95 * seen.length)];
  if (clear === undefined) return steepness.fill(0);
  return steepness.map((value) => {
    const share = (value / clear - EDGE_FROM) / (1 - EDGE_FROM);
    return share > 0 ? Math.min(share, 1) : 0;
  });
}

/** A colour of the style sheet, as `#rrggbb`; black where it is none. */
export function parseColour(css: string): Colour {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(css.trim());
  if (match === null) return BLACK;
  return [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16), Number.parseInt(match[3]!, 16)];
}
