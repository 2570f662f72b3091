import { TandemError } from '../errors.ts';
import { DataSet } from './dataSet.ts';
import { type Encoding, ITEM, ITEM_END, readElementHeader, UNDEFINED_LENGTH } from './elementHeader.ts';
import { type ElementPlace, walkElements } from './elements.ts';
import { formatTag } from './tags.ts';
import { endOfUndefined } from './undefinedLength.ts';

/** Items of one sequence; the largest multi-frame objects have some ten thousand. */
const MAX_ITEMS = 1_000_000;

/**
 * The items of a sequence, one at a time, so that a header of many frames costs the memory of one. Nothing
 * where the element is absent, empty or no sequence. What lies deeper is walked only where it is asked for.
 *
 * @throws TandemError `bad-header` where the items cannot be followed, or are more than a million
 */
export function* sequenceItems(dataSet: DataSet, tag: number): Generator<DataSet> {
  const place = dataSet.place(tag);
  if (place === undefined || !isSequence(place)) return;
  const encoding = encodingInside(dataSet, place);
  const { bytes } = dataSet;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = place.offset + place.length;
  let at = place.offset;
  let count = 0;
  while (at + 8 <= end) {
    const header = readElementHeader(view, at, encoding);
    if (header?.tag !== ITEM) throw broken(tag, 'holds something that is no item');
    if (++count > MAX_ITEMS) throw broken(tag, `has more than ${MAX_ITEMS} items`);
    const start = at + 8;
    const item =
      header.length === UNDEFINED_LENGTH
        ? endOfItem(view, start, end, encoding)
        : { end: start + header.length, next: start + header.length };
    if (item === undefined || item.next > end) throw broken(tag, 'has an item that goes on past its end');
    const walk = walkElements(bytes.subarray(0, item.end), { ...encoding, start });
    if (walk.incomplete) throw broken(tag, 'has an item that ends inside an element');
    yield new DataSet(bytes, walk, encoding.littleEndian, dataSet.transferSyntaxUid);
    at = item.next;
  }
}

/** The first item of a sequence: a functional group macro has no other. */
export function firstItem(dataSet: DataSet, tag: number): DataSet | undefined {
  for (const item of sequenceItems(dataSet, tag)) return item;
  return undefined;
}

function isSequence({ vr }: ElementPlace): boolean {
  return vr === undefined || vr === 'SQ' || vr === 'UN';
}

/** A sequence of unknown VR is implicit little endian inside whatever surrounds it (PS3.5, 6.2.2, note 4). */
function encodingInside(dataSet: DataSet, { vr }: ElementPlace): Encoding {
  if (vr === 'UN') return { explicit: false, littleEndian: true };
  return { explicit: vr !== undefined, littleEndian: dataSet.littleEndian };
}

/** Where an item of undefined length ends, before and after its delimiter. */
function endOfItem(view: DataView, start: number, end: number, encoding: Encoding) {
  let at = start;
  while (at + 8 <= end) {
    const header = readElementHeader(view, at, encoding);
    if (header === undefined) return undefined;
    if (header.tag === ITEM_END) return { end: at, next: at + 8 };
    const value = at + header.headerLength;
    const next =
      header.length === UNDEFINED_LENGTH
        ? endOfUndefined(view, value, header.vr, encoding)
        : value + header.length;
    if (next === undefined) return undefined;
    at = next;
  }
  return undefined;
}

function broken(tag: number, what: string): TandemError {
  return new TandemError('bad-header', `The sequence ${formatTag(tag)} ${what}`, {
    hint: 'Export it again from its source.',
  });
}
