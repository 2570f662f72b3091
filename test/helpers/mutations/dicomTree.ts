import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * A DICOM file as a tree that can be spoilt and written again: a reader and writer of its own, which shares
 * nothing with the one under test. The reader is for good files only; the writer writes whatever it is told.
 */

export interface Node {
  tag: number;
  /** Two letters; undefined in an implicit data set. */
  vr: string | undefined;
  /** A value's bytes, or the items of a sequence or of pixels in fragments. */
  value: Uint8Array | Item[];
  undefinedLength: boolean;
  /** How many sequence delimiters follow, where the length is undefined. */
  delimiters: number;
  /** Written instead of the true length. */
  claimedLength?: number;
}

export interface Item {
  /** Elements, or the bytes of a fragment. */
  content: Node[] | Uint8Array;
  undefinedLength: boolean;
  delimiters: number;
  claimedLength?: number;
}

export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export interface Tree {
  /** Preamble and prefix; may be empty. */
  preamble: Uint8Array;
  meta: Node[];
  body: Node[];
  readonly encoding: Encoding;
  readonly deflated: boolean;
}

const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED = 0xffffffff;
export const PIXEL_DATA = 0x7fe00010;
export const TRANSFER_SYNTAX = 0x00020010;
const LONG = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const EXPLICIT: Encoding = { explicit: true, littleEndian: true };

/** Reads a good file with preamble and meta information. */
export function parseTree(bytes: Uint8Array): Tree {
  const meta = new Reader(bytes, EXPLICIT, 132).elements((tag) => tag >>> 16 !== 2);
  const syntax = textOf(meta.nodes.find(({ tag }) => tag === TRANSFER_SYNTAX)?.value as Uint8Array);
  const deflated = syntax === '1.2.840.10008.1.2.1.99';
  const encoding = {
    explicit: syntax !== '1.2.840.10008.1.2',
    littleEndian: syntax !== '1.2.840.10008.1.2.2',
  };
  const body = deflated ? new Uint8Array(inflateRawSync(bytes.subarray(meta.end))) : bytes;
  const reader = new Reader(body, encoding, deflated ? 0 : meta.end);
  return {
    preamble: bytes.slice(0, 132),
    meta: meta.nodes,
    body: reader.elements(() => false).nodes,
    encoding,
    deflated,
  };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #encoding: Encoding;
  #at: number;

  constructor(bytes: Uint8Array, encoding: Encoding, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#encoding = encoding;
    this.#at = at;
  }

  elements(isEnd: (tag: number) => boolean, end = this.#bytes.length): { nodes: Node[]; end: number } {
    const nodes: Node[] = [];
    while (this.#at + 8 <= end && !isEnd(this.#tag())) nodes.push(this.#element());
    return { nodes, end: this.#at };
  }

  #tag(): number {
    const { littleEndian } = this.#encoding;
    return (
      this.#view.getUint16(this.#at, littleEndian) * 0x10000 +
      this.#view.getUint16(this.#at + 2, littleEndian)
    );
  }

  #element(): Node {
    const tag = this.#tag();
    const { explicit, littleEndian } = this.#encoding;
    const vr = explicit
      ? String.fromCharCode(...this.#bytes.subarray(this.#at + 4, this.#at + 6))
      : undefined;
    const isShort = vr !== undefined && !LONG.has(vr);
    const length = isShort
      ? this.#view.getUint16(this.#at + 6, littleEndian)
      : this.#view.getUint32(this.#at + (explicit ? 8 : 4), littleEndian);
    this.#at += explicit && !isShort ? 12 : 8;
    const undefinedLength = length === UNDEFINED;
    const start = this.#at;
    const isSequence =
      vr === 'SQ' ||
      undefinedLength ||
      (!explicit && length >= 8 && start + 8 <= this.#bytes.length && this.#tag() === ITEM);
    if (!isSequence) {
      this.#at += length;
      return {
        tag,
        vr,
        value: this.#bytes.slice(start, start + length),
        undefinedLength,
        delimiters: 1,
      };
    }
    const value = this.#items(undefinedLength ? undefined : start + length, tag === PIXEL_DATA);
    return { tag, vr, value, undefinedLength, delimiters: 1 };
  }

  #items(end: number | undefined, areFragments: boolean): Item[] {
    const items: Item[] = [];
    while (end === undefined || this.#at < end) {
      const tag = this.#tag();
      const length = this.#view.getUint32(this.#at + 4, this.#encoding.littleEndian);
      this.#at += 8;
      if (tag === SEQUENCE_END) break;
      if (tag !== ITEM) throw new Error('A good file is wanted.');
      const start = this.#at;
      if (areFragments) {
        this.#at += length;
        items.push({ content: this.#bytes.slice(start, this.#at), undefinedLength: false, delimiters: 1 });
        continue;
      }
      const undefinedLength = length === UNDEFINED;
      const { nodes } = this.elements(
        (next) => next === ITEM_END,
        undefinedLength ? this.#bytes.length : start + length,
      );
      if (undefinedLength) this.#at += 8;
      items.push({ content: nodes, undefinedLength, delimiters: 1 });
    }
    return items;
  }
}

/** The bytes of a tree, lies included. */
export function writeTree(tree: Tree): Uint8Array {
  const body = Buffer.concat(tree.body.flatMap((node) => nodeBytes(node, tree.encoding)));
  return new Uint8Array(
    Buffer.concat([
      tree.preamble,
      ...tree.meta.flatMap((node) => nodeBytes(node, EXPLICIT)),
      tree.deflated ? deflateRawSync(body, { level: 1 }) : body,
    ]),
  );
}

function nodeBytes(node: Node, encoding: Encoding): Uint8Array[] {
  const { explicit, littleEndian } = encoding;
  const parts = Array.isArray(node.value)
    ? node.value.flatMap((item) => itemBytes(item, encoding))
    : [node.value];
  if (node.undefinedLength) {
    for (let n = 0; n < node.delimiters; n++) parts.push(mark(SEQUENCE_END, 0, littleEndian));
  }
  const length =
    node.claimedLength ??
    (node.undefinedLength ? UNDEFINED : parts.reduce((sum, part) => sum + part.length, 0));
  const isLong = explicit && node.vr !== undefined && LONG.has(node.vr);
  const header = new DataView(new ArrayBuffer(isLong ? 12 : 8));
  header.setUint16(0, node.tag >>> 16, littleEndian);
  header.setUint16(2, node.tag & 0xffff, littleEndian);
  if (explicit) {
    header.setUint8(4, (node.vr ?? 'UN').charCodeAt(0));
    header.setUint8(5, (node.vr ?? 'UN').charCodeAt(1));
  }
  if (explicit && !isLong) header.setUint16(6, length & 0xffff, littleEndian);
  else header.setUint32(isLong ? 8 : 4, length, littleEndian);
  return [new Uint8Array(header.buffer), ...parts];
}

function itemBytes(item: Item, encoding: Encoding): Uint8Array[] {
  const parts =
    item.content instanceof Uint8Array
      ? [item.content]
      : item.content.flatMap((node) => nodeBytes(node, encoding));
  const length =
    item.claimedLength ??
    (item.undefinedLength ? UNDEFINED : parts.reduce((sum, part) => sum + part.length, 0));
  const ends = item.undefinedLength
    ? Array.from({ length: item.delimiters }, () => mark(ITEM_END, 0, encoding.littleEndian))
    : [];
  return [mark(ITEM, length, encoding.littleEndian), ...parts, ...ends];
}

function mark(tag: number, length: number, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, tag >>> 16, littleEndian);
  view.setUint16(2, tag & 0xffff, littleEndian);
  view.setUint32(4, length, littleEndian);
  return new Uint8Array(view.buffer);
}

/** A copy whose nodes can be changed; values are shared and must be replaced, not written into. */
export function copyTree(tree: Tree): Tree {
  return { ...tree, meta: tree.meta.map(copyNode), body: tree.body.map(copyNode) };
}

export function copyNode(node: Node): Node {
  return { ...node, value: Array.isArray(node.value) ? node.value.map(copyItem) : node.value };
}

export function copyItem(item: Item): Item {
  return { ...item, content: Array.isArray(item.content) ? item.content.map(copyNode) : item.content };
}

/** Every node of a list and of the sequences in it, with the list that it stands in. */
export function allNodes(nodes: Node[]): { node: Node; among: Node[] }[] {
  return nodes.flatMap((node) => [
    { node, among: nodes },
    ...(Array.isArray(node.value)
      ? node.value.flatMap(({ content }) => (Array.isArray(content) ? allNodes(content) : []))
      : []),
  ]);
}

/** The sequences of a list, at any depth, without pixels in fragments. */
export function allSequences(nodes: Node[]): Node[] {
  return allNodes(nodes)
    .map(({ node }) => node)
    .filter(({ value, tag }) => Array.isArray(value) && tag !== PIXEL_DATA);
}

export function textOf(value: Uint8Array): string {
  return Buffer.from(value)
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
}

/** Text as a value of even length. */
export function textValue(text: string, pad = ' '): Uint8Array {
  return new Uint8Array(Buffer.from(text.length % 2 === 0 ? text : text + pad, 'latin1'));
}
