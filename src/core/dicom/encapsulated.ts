import { TandemError } from '../errors.ts';
import { ITEM, SEQUENCE_END } from './elementHeader.ts';

/**
 * Pixels in fragments (PS3.5, A.4): a basic offset table, then items one after another, then a delimiter.
 * A frame is one fragment or several; nothing but the tables, or the first bytes of a codestream, says where
 * it begins.
 */

/** Bytes `from` to `from + count`; fewer where they end before. */
export type ReadAt = (from: number, count: number) => Promise<Uint8Array>;

/** Where a value lies, from the start of the file. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Where each frame lies: frame n is the fragments `firstOf[n]` to `firstOf[n + 1]`, joined. */
export interface FrameIndex {
  readonly fragments: readonly Place[];
  readonly firstOf: readonly number[];
}

export interface Encapsulated {
  /** Of the first item, and the bytes that may follow from there. */
  readonly place: Place;
  readonly frames: number;
  /** Extended Offset Table (7FE0,0001), where there is one. */
  readonly extendedOffsets: Place | undefined;
  /** Whether a fragment with these first bytes begins a codestream; undefined where that cannot be told. */
  readonly begins: ((head: Uint8Array) => boolean) | undefined;
}

const HEADER_BYTES = 8;
const HEAD_BYTES = 12;
const MAX_FRAGMENTS = 1_000_000;
const WINDOW_BYTES = 65_536;

/**
 * Finds the fragments of every frame. Of the fragments themselves only the first bytes are read.
 *
 * @throws TandemError `truncated` where the items are not followed to their delimiter; `bad-header` where
 *   they, or the offset tables, contradict the number of frames; `too-large`
 */
export async function indexFrames(read: ReadAt, pixels: Encapsulated): Promise<FrameIndex> {
  const items = await readItems(read, pixels);
  const { fragments } = items;
  if (fragments.length === 0) throw bad('They have no fragments');
  const { frames } = pixels;
  // One frame is all there is, whatever a table says.
  if (frames === 1) return { fragments, firstOf: [0, fragments.length] };
  const first =
    pixels.extendedOffsets !== undefined
      ? await extendedTable(read, pixels.extendedOffsets, frames)
      : items.basicTable;
  if (first.length > 0) return { fragments, firstOf: byTable(fragments, first, frames) };
  if (fragments.length === frames) {
    return { fragments, firstOf: Array.from({ length: frames + 1 }, (_, n) => n) };
  }
  const starts = items.starts;
  if (pixels.begins === undefined || starts.length !== frames || starts[0] !== 0) {
    throw bad(
      `They are ${fragments.length} fragments without an offset table, which cannot be told apart into ${frames} frames`,
    );
  }
  return { fragments, firstOf: [...starts, fragments.length] };
}

/** Bytes of all fragments of a frame. */
export function fragmentBytes(index: FrameIndex, frame: number): number {
  let sum = 0;
  for (let n = index.firstOf[frame]!; n < index.firstOf[frame + 1]!; n++) sum += index.fragments[n]!.length;
  return sum;
}

/** The fragments of one frame, joined. @throws TandemError `truncated` */
export async function readFragments(read: ReadAt, index: FrameIndex, frame: number): Promise<Uint8Array> {
  const fragments = index.fragments.slice(index.firstOf[frame], index.firstOf[frame + 1]);
  const joined = fragments.length === 1 ? undefined : new Uint8Array(fragmentBytes(index, frame));
  let at = 0;
  for (const { offset, length } of fragments) {
    const part = await read(offset, length);
    if (part.length < length) throw cutShort();
    if (joined === undefined) return part;
    joined.set(part, at);
    at += length;
  }
  return joined ?? new Uint8Array();
}

interface Items {
  readonly basicTable: readonly number[];
  readonly fragments: readonly Place[];
  /** Numbers of the fragments that begin a codestream; empty where that was not looked for. */
  readonly starts: readonly number[];
}

async function readItems(read: ReadAt, { place, frames, begins }: Encapsulated): Promise<Items> {
  const window = windowed(read, place.offset + place.length);
  const fragments: Place[] = [];
  const starts: number[] = [];
  let basicTable: number[] | undefined;
  let at = place.offset;
  for (;;) {
    const header = await window(at, HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw cutShort();
    const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
    const tag = view.getUint16(0, true) * 0x10000 + view.getUint16(2, true);
    const length = view.getUint32(4, true);
    at += HEADER_BYTES;
    if (tag === SEQUENCE_END) return { basicTable: basicTable ?? [], fragments, starts };
    if (tag !== ITEM) throw bad('Something that is no item comes between their fragments');
    if (at + length > place.offset + place.length) throw cutShort();
    if (basicTable === undefined) {
      basicTable = await readTable(read, { offset: at, length }, frames, 4);
    } else {
      if (fragments.length === MAX_FRAGMENTS) {
        throw new TandemError('too-large', `The pixels come in more than ${MAX_FRAGMENTS} fragments`);
      }
      const wanted = begins !== undefined && frames > 1;
      if (wanted && begins(await window(at, Math.min(HEAD_BYTES, length)))) starts.push(fragments.length);
      fragments.push({ offset: at, length });
    }
    at += length;
  }
}

/** Reads small pieces that follow each other out of larger ones. */
function windowed(read: ReadAt, end: number): ReadAt {
  let held: Uint8Array = new Uint8Array();
  let heldFrom = 0;
  return async (from, count) => {
    if (from < heldFrom || from + count > heldFrom + held.length) {
      held = await read(from, Math.max(count, Math.min(WINDOW_BYTES, end - from)));
      heldFrom = from;
    }
    return held.subarray(from - heldFrom, from - heldFrom + count);
  };
}

async function extendedTable(read: ReadAt, place: Place, frames: number): Promise<number[]> {
  const table = await readTable(read, place, frames, 8);
  if (table.length === 0) throw bad('Their extended offset table is empty');
  return table;
}

/** An offset table's numbers of `width` bytes; none where it is empty. For one frame it is not even read. */
async function readTable(read: ReadAt, place: Place, frames: number, width: 4 | 8): Promise<number[]> {
  if (place.length === 0 || frames === 1) return [];
  if (place.length !== width * frames) {
    throw bad(`Their offset table is of ${place.length / width} frames, but the image has ${frames}`);
  }
  const bytes = await read(place.offset, place.length);
  if (bytes.length < place.length) throw cutShort();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: frames }, (_, n) =>
    width === 4 ? view.getUint32(4 * n, true) : Number(view.getBigUint64(8 * n, true)),
  );
}

/** Offsets count from the first item after the basic table (PS3.5, A.4) and must each name a fragment. */
function byTable(fragments: readonly Place[], offsets: readonly number[], frames: number): number[] {
  const origin = fragments[0]!.offset;
  const firstOf: number[] = [];
  let fragment = 0;
  for (const [frame, offset] of offsets.entries()) {
    while (fragment < fragments.length && fragments[fragment]!.offset - origin < offset) fragment++;
    const found = fragments[fragment];
    const repeated = frame > 0 && firstOf[frame - 1] === fragment;
    if (
      found === undefined ||
      found.offset - origin !== offset ||
      repeated ||
      (frame === 0 && fragment > 0)
    ) {
      throw bad(`Their offset table has no fragment for frame ${frame + 1} of ${frames}`);
    }
    firstOf.push(fragment);
  }
  return [...firstOf, fragments.length];
}

function bad(what: string): TandemError {
  return new TandemError('bad-header', `The compressed pixels cannot be followed. ${what}`, {
    hint: 'Export the series uncompressed.',
  });
}

function cutShort(): TandemError {
  return new TandemError('truncated', 'The file ends in the middle of its pixels', {
    hint: 'Copy or export it again.',
  });
}
