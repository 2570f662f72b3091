import dicomParser from 'dicom-parser';
import { TandemError } from '../errors.ts';
import { formatTag, TAG } from './tags.ts';

/**
 * Walks the top level of a data set and notes where each value lies, up to the pixel data. Values of
 * defined length, sequences among them, are stepped over unread, so a walk costs the number of top-level
 * elements and never the size of what they hold; only the end of an element of undefined length has to be
 * searched for, which dicom-parser does. (On its own dicom-parser accepts an implicit data set that ends in
 * the middle of a value, reads the 64-bit VRs with a wrong length, and bounds neither depth nor number.)
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

export interface WalkOptions {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly start: number;
  /** Stop before the first element that is not in this group (for the file meta information). */
  readonly onlyGroup?: number;
}

const MAX_ELEMENTS = 200_000;
const UNDEFINED_LENGTH = 0xffffffff;
/** VRs whose length takes 32 bits after two reserved bytes (PS3.5, section 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SHORT_VRS = new Set('AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));

/** Whether two bytes are the letters of a VR. */
export function isVr(first: number | undefined, second: number | undefined): boolean {
  const vr = String.fromCharCode(first ?? 0, second ?? 0);
  return LONG_VRS.has(vr) || SHORT_VRS.has(vr);
}

/** @throws TandemError `bad-header` where the bytes cannot be a data set */
export function walkElements(bytes: Uint8Array, options: WalkOptions): Walk {
  const { explicit, littleEndian } = options;
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
    const group = view.getUint16(at, littleEndian);
    if (options.onlyGroup !== undefined && group !== options.onlyGroup) return done(false);
    const tag = group * 0x10000 + view.getUint16(at + 2, littleEndian);
    // Group 0 is not allowed in a file: zeros here are padding after the data set.
    if (tag === 0) return done(false);
    if (++count > MAX_ELEMENTS) {
      throw new TandemError('bad-header', `The data set has more than ${MAX_ELEMENTS} elements`);
    }

    let vr: string | undefined;
    let headerLength = 8;
    let length: number;
    if (explicit && group !== 0xfffe) {
      vr = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!);
      if (SHORT_VRS.has(vr)) {
        length = view.getUint16(at + 6, littleEndian);
      } else if (/^[A-Z]{2}$/.test(vr)) {
        // Every VR added since 1993 has the long form, so an unknown one has it too.
        if (at + 12 > bytes.length) return done(true);
        headerLength = 12;
        length = view.getUint32(at + 8, littleEndian);
      } else if (/^[^A-Z]{2}$/.test(vr)) {
        // Blanks and the like, as some exporters write for "US or SS": readers agree on the short form.
        length = view.getUint16(at + 6, littleEndian);
      } else {
        throw new TandemError('bad-header', `Element ${formatTag(tag)} has no valid value representation`);
      }
    } else {
      length = view.getUint32(at + 4, littleEndian);
    }

    const offset = at + headerLength;
    if (tag === TAG.PixelData || tag === TAG.FloatPixelData || tag === TAG.DoubleFloatPixelData) {
      const encapsulated = length === UNDEFINED_LENGTH;
      at = offset;
      return done(false, { tag, vr, offset, length: encapsulated ? 0 : length, encapsulated });
    }
    if (length === UNDEFINED_LENGTH) {
      const end = endOfUndefined(bytes, at, { ...options, tag, vr, offset });
      if (end === undefined) return done(true);
      at = end;
      continue;
    }
    if (offset + length > bytes.length) return done(true);
    if (elements.has(tag)) {
      throw new TandemError('bad-header', `Element ${formatTag(tag)} appears twice`);
    }
    elements.set(tag, { vr, offset, length });
    at = offset + length;
  }
  return done(false);
}

/** Position after an element of undefined length, or undefined where the bytes end before it does. */
function endOfUndefined(
  bytes: Uint8Array,
  at: number,
  options: WalkOptions & { tag: number; vr: string | undefined; offset: number },
): number | undefined {
  // A sequence of unknown VR is implicit little endian whatever surrounds it (PS3.5, 6.2.2, note 2).
  const isUnknown = options.vr === 'UN';
  const parser =
    options.littleEndian || isUnknown
      ? dicomParser.littleEndianByteArrayParser
      : dicomParser.bigEndianByteArrayParser;
  const stream = new dicomParser.ByteStream(parser, bytes, isUnknown ? options.offset : at);
  try {
    if (isUnknown) {
      const sequence = { tag: formatTag(options.tag), length: UNDEFINED_LENGTH, dataOffset: options.offset };
      dicomParser.readSequenceItemsImplicit(stream, sequence);
    } else if (options.explicit) dicomParser.readDicomElementExplicit(stream, stream.warnings);
    else dicomParser.readDicomElementImplicit(stream);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new TandemError('bad-header', 'Sequences are nested too deeply');
    }
    // dicom-parser throws strings; those about the end of the buffer mean that the bytes ran out.
    if (/past end|overrun|overread|position' cannot be greater/i.test(String(error))) return undefined;
    throw new TandemError('bad-header', 'A sequence of undefined length cannot be followed to its end');
  }
  const ranOut = stream.position > bytes.length || stream.warnings.some((text) => text.includes('eof'));
  return ranOut ? undefined : stream.position;
}
