import { TandemError } from '../errors.ts';
import { type Encoding, readElementHeader, UNDEFINED_LENGTH } from './elementHeader.ts';
import { formatTag, TAG } from './tags.ts';
import { endOfUndefined } from './undefinedLength.ts';

/**
 * Walks the top level of a data set and notes where each value lies, up to the pixel data. Values, and
 * sequences among them, are stepped over unread, so a walk costs the number of top-level elements and never
 * the size of what they hold. (The parsers at hand build every nested element in memory, by recursion, and
 * bound neither depth nor number: 8 MB of empty items take them half a gigabyte.)
 */

export interface ElementPlace {
  /** Two letters, or undefined in an implicit data set. */
  readonly vr: string | undefined;
  /** Of the value, from the start of the bytes. */
  readonly offset: number;
  readonly length: number;
}

export interface PixelPlace extends ElementPlace {
  readonly tag: number;
  /** Compressed pixels come in fragments, with undefined length; `length` is then 0. */
  readonly encapsulated: boolean;
}

export interface Walk {
  readonly elements: ReadonlyMap<number, ElementPlace>;
  readonly pixelData: PixelPlace | undefined;
  /** The bytes ended inside an element: more of the file is needed, or the file is cut short. */
  readonly incomplete: boolean;
  /** Where the walk ended. */
  readonly end: number;
}

export interface WalkOptions extends Encoding {
  readonly start: number;
  /** Stop before the first element that is not in this group (for the file meta information). */
  readonly onlyGroup?: number;
}

const MAX_ELEMENTS = 200_000;
const PIXEL_TAGS: ReadonlySet<number> = new Set([
  TAG.PixelData,
  TAG.FloatPixelData,
  TAG.DoubleFloatPixelData,
]);

/** @throws TandemError `bad-header` where the bytes cannot be a data set */
export function walkElements(bytes: Uint8Array, options: WalkOptions): Walk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements = new Map<number, ElementPlace>();
  let at = options.start;
  let count = 0;
  const done = (incomplete: boolean, pixelData?: PixelPlace): Walk => ({
    elements,
    pixelData,
    incomplete,
    end: at,
  });

  while (at < bytes.length) {
    if (at + 8 > bytes.length) return done(bytes.subarray(at).some((byte) => byte !== 0));
    const group = view.getUint16(at, options.littleEndian);
    if (options.onlyGroup !== undefined && group !== options.onlyGroup) return done(false);
    // Group 0 is not allowed in a file: zeros here are padding after the data set.
    if (group === 0) return done(false);
    const header = readElementHeader(view, at, options);
    if (header === undefined) return done(true);
    if (++count > MAX_ELEMENTS) {
      throw new TandemError('bad-header', `The data set has more than ${MAX_ELEMENTS} elements`);
    }
    const { tag, vr, length } = header;
    const offset = at + header.headerLength;
    if (PIXEL_TAGS.has(tag)) {
      const encapsulated = length === UNDEFINED_LENGTH;
      at = offset;
      return done(false, { tag, vr, offset, length: encapsulated ? 0 : length, encapsulated });
    }
    if (elements.has(tag)) {
      throw new TandemError('bad-header', `Element ${formatTag(tag)} appears twice`);
    }
    if (length === UNDEFINED_LENGTH) {
      const end = endOfUndefined(view, offset, vr, options);
      if (end === undefined || end > bytes.length) return done(true);
      // The delimiter, 8 bytes, is no part of the value.
      elements.set(tag, { vr: vr ?? 'SQ', offset, length: end - 8 - offset });
      at = end;
      continue;
    }
    if (offset + length > bytes.length) return done(true);
    elements.set(tag, { vr, offset, length });
    at = offset + length;
  }
  return done(false);
}
