import { DataSet } from '../dataSet.ts';
import type { DataElement } from '../derived/dataSet.ts';
import { encodeDataSet } from '../derived/encode.ts';
import { walkElements } from '../elements.ts';
import { IMPLICIT_LITTLE_ENDIAN } from '../transferSyntax.ts';
import { joinBytes, uint16 } from './bytes.ts';
import {
  QUERY_ATTRIBUTES,
  QUERY_KEYWORDS,
  type QueryKeyword,
  type QueryLevel,
  type QueryValues,
} from './queryAttributes.ts';

/** Queries and what they find (PS3.4, annex C): identifiers as the bytes of a data set. */

const SPECIFIC_CHARACTER_SET = 0x00080005;
const QUERY_RETRIEVE_LEVEL = 0x00080052;
const UTF8 = 'ISO_IR 192';

/**
 * The identifier of a C-FIND, C-GET or C-MOVE: level, keys to match, and empty ones to be filled in. Values
 * that are not ASCII are sent as UTF-8, declared as such.
 * @param transferSyntax explicit or implicit VR little endian
 */
export function encodeIdentifier(
  level: QueryLevel,
  keys: QueryValues,
  returned: readonly QueryKeyword[],
  transferSyntax: string,
): Uint8Array {
  const all = new Set<QueryKeyword>([...returned, ...(Object.keys(keys) as QueryKeyword[])]);
  const elements: DataElement[] = [
    element(QUERY_RETRIEVE_LEVEL, 'CS', level.toUpperCase()),
    ...[...all].map((keyword) =>
      element(QUERY_ATTRIBUTES[keyword].tag, QUERY_ATTRIBUTES[keyword].vr, keys[keyword] ?? ''),
    ),
  ];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them
  const isAscii = Object.values(keys).every((value) => /^[\u0000-\u007f]*$/.test(value));
  if (!isAscii) elements.push(element(SPECIFIC_CHARACTER_SET, 'CS', UTF8));
  elements.sort((a, b) => a.tag - b.tag);
  return transferSyntax === IMPLICIT_LITTLE_ENDIAN ? encodeImplicit(elements) : encodeDataSet(elements);
}

function element(tag: number, vr: string, value: string): DataElement & { readonly value: Uint8Array } {
  return { tag, vr, value: new TextEncoder().encode(value) };
}

function encodeImplicit(elements: readonly DataElement[]): Uint8Array {
  return joinBytes(
    elements.flatMap(({ tag, vr, value }) => {
      if (!(value instanceof Uint8Array)) throw new RangeError('An identifier holds no sequences.');
      const length = value.length + (value.length % 2);
      const little = (bytes: Uint8Array) => bytes.toReversed();
      const header = [little(uint16(tag >>> 16)), little(uint16(tag & 0xffff)), littleUint32(length)];
      const padding = value.length % 2 === 0 ? [] : [Uint8Array.of(vr === 'UI' ? 0 : 0x20)];
      return [...header, value, ...padding];
    }),
  );
}

function littleUint32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

/**
 * What a C-FIND response holds of the attributes known here, in the character set that it declares.
 * @throws TandemError `bad-header` where the bytes are no data set
 */
export function decodeIdentifier(bytes: Uint8Array, transferSyntax: string): QueryValues {
  const encoding = { explicit: transferSyntax !== IMPLICIT_LITTLE_ENDIAN, littleEndian: true };
  const walk = walkElements(bytes, { ...encoding, start: 0 });
  const dataSet = new DataSet(bytes, walk, true, transferSyntax);
  const values: Partial<Record<QueryKeyword, string>> = {};
  for (const keyword of QUERY_KEYWORDS) {
    const value = dataSet.text(QUERY_ATTRIBUTES[keyword].tag);
    if (value !== '') values[keyword] = value;
  }
  return values;
}
