import { TandemError } from '../../../errors.ts';
import { checkSize, corrupt, endsEarly, type FrameSize } from '../samples.ts';

/**
 * What a JPEG 2000 codestream claims (ITU-T T.800 and T.814, annex A), checked before it is decoded: its
 * headers alone decide how much memory and time a decoder takes, and decoders at hand neither bound that nor
 * say that a codestream is cut short.
 */

export interface CodestreamHeader {
  readonly precision: number;
  readonly signed: boolean;
  /** False where everything is there but the end marker, without which decoders complain. */
  readonly ended: boolean;
}

const CODEC = 'JPEG 2000';
const SOC = 0xff4f;
const SIZ = 0xff51;
const COD = 0xff52;
const COC = 0xff53;
const SOT = 0xff90;
const SOD = 0xff93;
const EOC = 0xffd9;

const MAX_TILES = 4096;
/** Precincts of all tiles times layers: a decoder keeps a number for each. */
const MAX_PACKETS = 4_000_000;

interface Tiling {
  readonly tiles: number;
  readonly tileColumns: number;
  readonly tileRows: number;
}

/**
 * @param size of the image by its header, which the codestream must have
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format`, `too-large`
 */
export function checkCodestream(bytes: Uint8Array, size: FrameSize): CodestreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw endsEarly(CODEC);
  if (view.getUint16(0) !== SOC || view.getUint16(2) !== SIZ) {
    throw corrupt(CODEC, 'they do not begin like a codestream');
  }
  const { header, tiling } = readSize(segmentAt(view, 2), size);
  const firstTile = walkHeader(view, 2, SOT, tiling);
  return { ...header, ended: walkTileParts(view, firstTile, tiling) };
}

/** The marker segment whose marker is at a position, from after its length. */
function segmentAt(view: DataView, at: number): DataView {
  if (at + 4 > view.byteLength) throw endsEarly(CODEC);
  const length = view.getUint16(at + 2);
  if (length < 2) throw corrupt(CODEC, 'a marker segment has no length');
  if (at + 2 + length > view.byteLength) throw endsEarly(CODEC);
  return new DataView(view.buffer, view.byteOffset + at + 4, length - 2);
}

/** T.800, A.5.1. */
function readSize(segment: DataView, size: FrameSize) {
  if (segment.byteLength < 39) throw corrupt(CODEC, 'their size is malformed');
  const number = (n: number) => segment.getUint32(2 + 4 * n);
  const [right, bottom, left, top] = [number(0), number(1), number(2), number(3)];
  const [tileColumns, tileRows, tileLeft, tileTop] = [number(4), number(5), number(6), number(7)];
  checkSize(CODEC, { columns: right - left, rows: bottom - top, components: segment.getUint16(34) }, size);
  const depth = segment.getUint8(36);
  const precision = (depth & 0x7f) + 1;
  if (precision > 16) {
    throw new TandemError('unsupported-format', `${CODEC} pixels of ${precision} bits are not read`, {
      hint: 'Export the series uncompressed.',
    });
  }
  if (segment.getUint8(37) !== 1 || segment.getUint8(38) !== 1) {
    throw corrupt(CODEC, 'their samples are not one a pixel');
  }
  const isGrid =
    tileColumns > 0 &&
    tileRows > 0 &&
    tileLeft <= left &&
    tileTop <= top &&
    tileLeft + tileColumns > left &&
    tileTop + tileRows > top;
  if (!isGrid) throw corrupt(CODEC, 'their tiles do not cover the image');
  const tiles = Math.ceil((right - tileLeft) / tileColumns) * Math.ceil((bottom - tileTop) / tileRows);
  if (tiles > MAX_TILES) throw tooLarge(`${tiles} tiles`);
  const tiling: Tiling = {
    tiles,
    tileColumns: Math.min(tileColumns, size.columns),
    tileRows: Math.min(tileRows, size.rows),
  };
  return { header: { precision, signed: depth >= 0x80 }, tiling };
}

/** Steps over marker segments, each coding style checked, up to one of the given kind. */
function walkHeader(view: DataView, from: number, until: number, tiling: Tiling): number {
  let at = from;
  let layers = 1;
  for (;;) {
    if (at + 2 > view.byteLength) throw endsEarly(CODEC);
    const marker = view.getUint16(at);
    if (marker === until) return at;
    if (marker < 0xff4f || marker === SOT || marker === SOD || marker === EOC) {
      throw corrupt(CODEC, 'a marker is out of place');
    }
    const segment = segmentAt(view, at);
    if (marker === COD) {
      if (segment.byteLength < 10) throw corrupt(CODEC, 'their coding style is malformed');
      layers = segment.getUint16(2);
      checkStyle(segment, 5, (segment.getUint8(0) & 1) === 1, layers, tiling);
    } else if (marker === COC) {
      if (segment.byteLength < 7) throw corrupt(CODEC, 'their coding style is malformed');
      checkStyle(segment, 2, (segment.getUint8(1) & 1) === 1, layers, tiling);
    }
    at += 4 + segment.byteLength;
  }
}

/** T.800, A.6.1: how many precincts and packets the decomposition levels from `at` make. */
function checkStyle(
  segment: DataView,
  at: number,
  hasPrecincts: boolean,
  layers: number,
  tiling: Tiling,
): void {
  const levels = segment.getUint8(at);
  if (levels > 32 || layers === 0) throw corrupt(CODEC, 'their coding style does not exist');
  if (hasPrecincts && segment.byteLength < at + 5 + levels + 1) {
    throw corrupt(CODEC, 'their coding style is malformed');
  }
  let precincts = 0;
  for (let level = 0; level <= levels; level++) {
    const sizes = hasPrecincts ? segment.getUint8(at + 5 + level) : 0xff;
    const reduced = 2 ** (levels - level);
    // One more in each direction, for tiles that do not begin where precincts do.
    const across = Math.ceil(tiling.tileColumns / reduced / 2 ** (sizes & 15)) + 1;
    const down = Math.ceil(tiling.tileRows / reduced / 2 ** (sizes >> 4)) + 1;
    precincts += across * down;
  }
  if (precincts * layers * tiling.tiles > MAX_PACKETS) {
    throw tooLarge(`${layers} layers of ${precincts * tiling.tiles} precincts`);
  }
}

/**
 * T.800, A.4.2: tile-part after tile-part to the end, each as long as it says, and one at least of each tile:
 * what is missing would be decoded as black.
 * @returns whether the end marker follows
 */
function walkTileParts(view: DataView, from: number, tiling: Tiling): boolean {
  const seen = new Set<number>();
  let at = from;
  while (at + 2 <= view.byteLength && view.getUint16(at) === SOT) {
    const segment = segmentAt(view, at);
    if (segment.byteLength !== 8) throw corrupt(CODEC, 'a tile-part header is malformed');
    const tile = segment.getUint16(0);
    if (tile >= tiling.tiles) throw corrupt(CODEC, 'a tile-part is of no tile');
    seen.add(tile);
    walkHeader(view, at + 12, SOD, tiling);
    const length = segment.getUint32(2);
    // The last one may go on to wherever the end is.
    if (length === 0) {
      if (!endsWithMarker(view) || seen.size < tiling.tiles) throw endsEarly(CODEC);
      return true;
    }
    if (length < 14) throw corrupt(CODEC, 'a tile-part is shorter than its header');
    if (at + length > view.byteLength) throw endsEarly(CODEC);
    at += length;
  }
  if (seen.size < tiling.tiles) throw endsEarly(CODEC);
  if (at + 2 > view.byteLength) return false;
  if (view.getUint16(at) !== EOC) throw corrupt(CODEC, 'something comes between their tile-parts');
  return true;
}

/** The end marker, with or without zeros after it. */
function endsWithMarker(view: DataView): boolean {
  let end = view.byteLength;
  while (end > 2 && view.getUint8(end - 1) === 0) end--;
  return view.getUint16(end - 2) === EOC;
}

function tooLarge(what: string): TandemError {
  return new TandemError('too-large', `${CODEC} pixels of ${what} are not read`, {
    hint: 'Export the series uncompressed.',
  });
}
