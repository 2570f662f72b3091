import { TandemError } from '../errors.ts';
import { formatTag } from './tags.ts';

/** How the elements of a data set are written (PS3.5, section 7.1). */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export interface ElementHeader {
  readonly tag: number;
  /** Two letters, or undefined in an implicit data set and for item tags. */
  readonly vr: string | undefined;
  /** Bytes of the header itself. */
  readonly headerLength: 8 | 12;
  /** Of the value; `UNDEFINED_LENGTH` where a delimiter ends it. */
  readonly length: number;
}

export const UNDEFINED_LENGTH = 0xffffffff;
export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;

/** VRs whose length takes 32 bits after two reserved bytes (PS3.5, section 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SHORT_VRS = new Set('AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));

/** Whether an explicit header of this VR has 12 bytes and not 8. */
export function isLongVr(vr: string): boolean {
  return LONG_VRS.has(vr);
}

/** Whether two bytes are the letters of a VR. */
export function isVr(first: number | undefined, second: number | undefined): boolean {
  const vr = String.fromCharCode(first ?? 0, second ?? 0);
  return LONG_VRS.has(vr) || SHORT_VRS.has(vr);
}

/**
 * The element header at a position, or undefined where the bytes end within it.
 * @throws TandemError `bad-header` where no element can begin like that
 */
export function readElementHeader(view: DataView, at: number, encoding: Encoding): ElementHeader | undefined {
  const { littleEndian } = encoding;
  if (at + 8 > view.byteLength) return undefined;
  const group = view.getUint16(at, littleEndian);
  const tag = group * 0x10000 + view.getUint16(at + 2, littleEndian);
  if (!encoding.explicit || group === 0xfffe) {
    return { tag, vr: undefined, headerLength: 8, length: view.getUint32(at + 4, littleEndian) };
  }
  const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  // Blanks and the like, as some exporters write for "US or SS": readers agree on the short form.
  if (SHORT_VRS.has(vr) || /^[^A-Z]{2}$/.test(vr)) {
    return { tag, vr, headerLength: 8, length: view.getUint16(at + 6, littleEndian) };
  }
  if (!/^[A-Z]{2}$/.test(vr)) {
    throw new TandemError('bad-header', `Element ${formatTag(tag)} has no valid value representation`);
  }
  // Every VR added since 1993 has the long form, so an unknown one has it too; its reserved bytes are zero.
  if (at + 12 > view.byteLength) return undefined;
  if (!LONG_VRS.has(vr) && view.getUint16(at + 6, littleEndian) !== 0) {
    throw new TandemError(
      'bad-header',
      `Element ${formatTag(tag)} has ${vr} for a value representation, which is none`,
    );
  }
  return { tag, vr, headerLength: 12, length: view.getUint32(at + 8, littleEndian) };
}
