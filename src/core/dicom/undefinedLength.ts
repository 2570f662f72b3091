import { TandemError } from '../errors.ts';
import {
  type Encoding,
  ITEM,
  ITEM_END,
  readElementHeader,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
} from './elementHeader.ts';

/** Sequences within sequences; real ones nest less than ten deep. */
const MAX_DEPTH = 64;

interface Open {
  readonly kind: 'sequence' | 'item';
  readonly encoding: Encoding;
}

/** A sequence of unknown VR is implicit little endian whatever surrounds it (PS3.5, 6.2.2, note 2). */
const UNKNOWN_SEQUENCE: Encoding = { explicit: false, littleEndian: true };

/**
 * Where a value of undefined length ends: a sequence, or pixels in fragments. Whatever has a defined length
 * is stepped over; only what has not is followed to its delimiter, without recursion and without keeping
 * anything, so that a file of a million items costs no memory.
 *
 * @param at where the value begins
 * @returns the position after its delimiter, or undefined where the bytes end before it
 * @throws TandemError `bad-header` where the items cannot be followed, or are nested too deeply
 */
export function endOfUndefined(
  view: DataView,
  at: number,
  vr: string | undefined,
  encoding: Encoding,
): number | undefined {
  const open: Open[] = [{ kind: 'sequence', encoding: vr === 'UN' ? UNKNOWN_SEQUENCE : encoding }];
  let position = at;
  for (;;) {
    const current = open.at(-1);
    if (current === undefined) return position;
    const header = readElementHeader(view, position, current.encoding);
    if (header === undefined) return undefined;
    const { tag, length } = header;
    position += header.headerLength;
    if (tag === (current.kind === 'sequence' ? SEQUENCE_END : ITEM_END)) {
      open.pop();
      continue;
    }
    if (current.kind === 'sequence' ? tag !== ITEM : tag === ITEM || tag === SEQUENCE_END) {
      throw new TandemError('bad-header', 'A sequence of undefined length cannot be followed to its end');
    }
    if (length !== UNDEFINED_LENGTH) {
      position += length;
      continue;
    }
    if (open.length >= 2 * MAX_DEPTH) throw new TandemError('bad-header', 'Sequences are nested too deeply');
    open.push(
      current.kind === 'sequence'
        ? { kind: 'item', encoding: current.encoding }
        : { kind: 'sequence', encoding: header.vr === 'UN' ? UNKNOWN_SEQUENCE : current.encoding },
    );
  }
}
