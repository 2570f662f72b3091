import type { Random } from '../../../src/core/random.ts';
import {
  allNodes,
  allSequences,
  copyNode,
  type Item,
  type Node,
  PIXEL_DATA,
  TRANSFER_SYNTAX,
  type Tree,
  textOf,
  textValue,
} from './dicomTree.ts';

/** Damage to the structure of a data set: lengths, representations, delimiters, order, nesting. */

export interface TreeKind {
  readonly name: string;
  /** Changes the tree and says what was done; undefined where there is nothing of the kind to change. */
  readonly spoil: (tree: Tree, random: Random) => string | undefined;
}

export function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items.length === 0 ? undefined : items[random.integer(items.length)];
}

export function nameOf(tag: number): string {
  const digits = tag.toString(16).padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

/** Any element but the pixels, at any depth; those at the top as likely as those in sequences. */
function anyNode(tree: Tree, random: Random): { node: Node; among: Node[] } {
  const top = [...tree.meta, ...tree.body].map((node) => ({
    node,
    among: tree.meta.includes(node) ? tree.meta : tree.body,
  }));
  const all = random.uniform() < 0.5 ? top : [...allNodes(tree.meta), ...allNodes(tree.body)];
  return pick(
    all.filter(({ node }) => node.tag !== PIXEL_DATA),
    random,
  )!;
}

function sizeOf({ value }: Node): number {
  return Array.isArray(value) ? 64 : value.length;
}

const VRS =
  'AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US OB OW OF OD SQ UN UT UC UR OV SV UV ZZ ?? XX'.split(
    ' ',
  );
const SYNTAXES = [
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.1.98',
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.2',
  ...['50', '51', '57', '70', '80', '81', '90', '91', '92', '100', '110', '201', '203'].map(
    (end) => `1.2.840.10008.1.2.4.${end}`,
  ),
  '1.2.840.10008.1.2.5',
  '1.2.840.10008.1.2.8.1',
  '1.2.3.4',
  '',
];
const CHARACTER_SETS = [
  'ISO_IR 100',
  'ISO_IR 192',
  'ISO_IR 13',
  '\\ISO 2022 IR 87',
  'ISO 2022 IR 13\\ISO 2022 IR 87',
  '\\ISO 2022 IR 149',
  'GB18030',
  'GBK',
  'ISO_IR 999',
  '\\\\\\',
  'UTF-8',
];

export const ELEMENT_KINDS: readonly TreeKind[] = [
  {
    name: 'length field',
    spoil: (tree, random) => {
      const { node } = anyNode(tree, random);
      const size = sizeOf(node);
      const lengths = [
        0,
        1,
        2,
        size - 1,
        size + 1,
        size + 2,
        size * 2,
        0x7fff,
        0xffff,
        0x7ffffff0,
        0xfffffffe,
        0xffffffff,
      ];
      node.claimedLength = Math.max(0, pick(lengths, random)!);
      return `length of ${nameOf(node.tag)} said to be ${node.claimedLength}`;
    },
  },
  {
    name: 'length field of an item',
    spoil: (tree, random) => {
      const item = pick(
        [...allSequences(tree.body), ...tree.body.filter(({ tag }) => tag === PIXEL_DATA)].flatMap(
          ({ value }) => (Array.isArray(value) ? value : []),
        ),
        random,
      );
      if (item === undefined) return undefined;
      item.claimedLength = pick([0, 1, 8, 10, 100, 0x7fff, 0x7ffffff0, 0xfffffffe, 0xffffffff], random)!;
      return `length of an item said to be ${item.claimedLength}`;
    },
  },
  {
    name: 'length of the pixels',
    spoil: (tree, random) => {
      const node = tree.body.find(({ tag }) => tag === PIXEL_DATA);
      if (node === undefined || Array.isArray(node.value)) return undefined;
      const size = node.value.length;
      if (random.uniform() < 0.5) {
        node.claimedLength = pick(
          [0, 1, size - 2, size + 1, size + 2, size * 2, 0x7ffffff0, 0xffffffff],
          random,
        )!;
        return `pixels said to be ${node.claimedLength} bytes`;
      }
      node.value = node.value.subarray(0, random.integer(size));
      return `pixels cut to ${node.value.length} bytes`;
    },
  },
  {
    name: 'another VR',
    spoil: (tree, random) => {
      const { node } = anyNode(tree, random);
      if (node.vr === undefined) return undefined;
      const before = node.vr;
      node.vr = pick(VRS, random)!;
      return `${nameOf(node.tag)} from ${before} to ${node.vr}`;
    },
  },
  {
    name: 'delimiter dropped or doubled',
    spoil: (tree, random) => {
      const marked: (Node | Item)[] = [
        ...allSequences(tree.body),
        ...allSequences(tree.body).flatMap(({ value }) => value as Item[]),
        ...tree.body.filter(({ tag, value }) => tag === PIXEL_DATA && Array.isArray(value)),
      ];
      const one = pick(marked, random);
      if (one === undefined) return undefined;
      one.undefinedLength = true;
      one.delimiters = random.uniform() < 0.5 ? 0 : 2;
      return `${one.delimiters} delimiters`;
    },
  },
  {
    name: 'defined and undefined lengths',
    spoil: (tree, random) => {
      const sequences = allSequences(tree.body);
      if (sequences.length === 0) return undefined;
      for (const node of sequences) {
        node.undefinedLength = random.uniform() < 0.5;
        for (const item of node.value as Item[]) item.undefinedLength = random.uniform() < 0.5;
      }
      return 'the same sequences, their lengths written the other way';
    },
  },
  {
    name: 'elements out of order',
    spoil: (tree, random) => {
      const { among, node } = anyNode(tree, random);
      const from = among.indexOf(node);
      const to = random.integer(among.length);
      among.splice(from, 1);
      among.splice(to, 0, node);
      return `${nameOf(node.tag)} moved from place ${from} to ${to}`;
    },
  },
  {
    name: 'element twice',
    spoil: (tree, random) => {
      const { among, node } = anyNode(tree, random);
      const again = copyNode(node);
      if (again.value instanceof Uint8Array && random.uniform() < 0.7) {
        again.value = again.value.map((byte) => (byte >= 0x30 && byte <= 0x38 ? byte + 1 : byte));
      }
      among.splice(random.uniform() < 0.5 ? among.indexOf(node) + 1 : random.integer(among.length), 0, again);
      return `${nameOf(node.tag)} twice`;
    },
  },
  {
    name: 'element missing',
    spoil: (tree, random) => {
      const { among, node } = anyNode(tree, random);
      among.splice(among.indexOf(node), 1);
      return `without ${nameOf(node.tag)}`;
    },
  },
  {
    name: 'element empty',
    spoil: (tree, random) => {
      const { node } = anyNode(tree, random);
      node.value = Array.isArray(node.value) ? [] : new Uint8Array();
      return `${nameOf(node.tag)} empty`;
    },
  },
  {
    name: 'another tag',
    spoil: (tree, random) => {
      const { node } = anyNode(tree, random);
      const before = node.tag;
      const others = [
        0,
        2,
        before ^ (1 << random.integer(16)),
        before ^ (0x10000 << random.integer(8)),
        0xfffee000,
        0xfffee00d,
        0xfffee0dd,
        0xfffcfffc,
        PIXEL_DATA,
      ];
      node.tag = pick(others, random)! >>> 0;
      return `${nameOf(before)} is called ${nameOf(node.tag)}`;
    },
  },
  {
    name: 'group lengths',
    spoil: (tree, random) => {
      const groups = [...new Set(tree.body.map(({ tag }) => tag >>> 16))].filter((group) => group !== 0x7fe0);
      const group = pick(groups, random)!;
      const value = new Uint8Array(4);
      const view = new DataView(value.buffer);
      view.setUint32(0, pick([0, 1, 100, 0x7fffffff, 0xffffffff], random)!, tree.encoding.littleEndian);
      const node: Node = {
        tag: group * 0x10000,
        vr: tree.encoding.explicit ? 'UL' : undefined,
        value,
        undefinedLength: false,
        delimiters: 1,
      };
      const meta = tree.meta.find(({ tag }) => tag === 0x00020000);
      if (meta !== undefined && random.uniform() < 0.4) {
        meta.value = value;
        return 'a wrong length of the meta information';
      }
      tree.body.splice(
        tree.body.findIndex(({ tag }) => tag >>> 16 === group),
        0,
        node,
      );
      return `a wrong length of group ${group.toString(16)}`;
    },
  },
  {
    name: 'deep sequences',
    spoil: (tree, random) => {
      const depth = pick([3, 20, 70, 1000, 20_000], random)!;
      const undefinedLength = random.uniform() < 0.7;
      const vr = tree.encoding.explicit ? 'SQ' : undefined;
      const tag = pick([0x00081140, 0x00400275, 0x00091001, 0x52009229], random)!;
      // Written by hand: twenty thousand levels are too deep for a writer that calls itself.
      const open = 8 + (tree.encoding.explicit ? 12 : 8);
      const bytes = nested(depth, tag, tree, undefinedLength);
      const claimedLength = undefinedLength ? 0xffffffff : bytes.length;
      tree.body.splice(placeFor(tree, tag), 0, {
        tag,
        vr,
        value: bytes,
        undefinedLength: false,
        delimiters: 0,
        claimedLength,
      });
      return `${depth} sequences within each other, ${open} bytes each`;
    },
  },
  {
    name: 'many items',
    spoil: (tree, random) => {
      const count = pick([1000, 50_000], random)!;
      const tag = pick([0x00081140, 0x00091001], random)!;
      tree.body.splice(placeFor(tree, tag), 0, {
        tag,
        vr: tree.encoding.explicit ? 'SQ' : undefined,
        value: Array.from({ length: count }, () => ({ content: [], undefinedLength: false, delimiters: 1 })),
        undefinedLength: random.uniform() < 0.5,
        delimiters: 1,
      });
      return `a sequence of ${count} empty items`;
    },
  },
  {
    name: 'transfer syntax',
    spoil: (tree, random) => {
      const node = tree.meta.find(({ tag }) => tag === TRANSFER_SYNTAX)!;
      const before = textOf(node.value as Uint8Array);
      const uid = pick(
        SYNTAXES.filter((other) => other !== before),
        random,
      )!;
      node.value = textValue(uid, '\0');
      return `from ${before} to ${uid}`;
    },
  },
  {
    name: 'meta information',
    spoil: (tree, random) => {
      const how = random.integer(4);
      if (how === 0) tree.meta = [];
      else if (how === 1) tree.preamble = new Uint8Array();
      else if (how === 2) {
        tree.meta = [];
        tree.preamble = new Uint8Array();
      } else tree.meta = tree.meta.filter(({ tag }) => tag !== TRANSFER_SYNTAX);
      return ['none', 'no preamble', 'neither', 'no transfer syntax'][how];
    },
  },
  {
    name: 'private creators',
    spoil: (tree, random) => {
      const creators = allNodes(tree.body).filter(
        ({ node: { tag } }) => (tag >>> 16) % 2 === 1 && (tag & 0xffff) >= 0x10 && (tag & 0xffff) < 0x100,
      );
      const found = pick(creators, random);
      if (found === undefined) return undefined;
      const { node, among } = found;
      const name = textOf(node.value as Uint8Array);
      const how = random.integer(4);
      if (how === 0) among.splice(among.indexOf(node), 1);
      else if (how === 1) node.value = textValue('SOMEONE ELSE');
      else if (how === 2) node.tag += 1;
      else {
        // The whole block moved, as the standard allows.
        const group = node.tag >>> 16;
        const block = node.tag & 0xff;
        const free = 0xf0;
        for (const other of among) {
          if (
            other.tag >>> 16 === group &&
            ((other.tag >>> 8) & 0xff) === block &&
            (other.tag & 0xffff) >= 0x1000
          )
            other.tag = group * 0x10000 + free * 0x100 + (other.tag & 0xff);
        }
        node.tag = group * 0x10000 + free;
        among.sort((a, b) => a.tag - b.tag);
      }
      return `${name}: ${['gone', 'renamed', 'another block', 'block moved'][how]}`;
    },
  },
  {
    name: 'character set',
    spoil: (tree, random) => {
      const set = pick(CHARACTER_SETS, random)!;
      const vr = tree.encoding.explicit ? 'CS' : undefined;
      const node = { tag: 0x00080005, vr, value: textValue(set), undefinedLength: false, delimiters: 1 };
      tree.body = [node, ...tree.body.filter(({ tag }) => tag !== 0x00080005)];
      const text = pick(
        tree.body.filter(({ tag }) => [0x00100010, 0x0008103e, 0x00181030, 0x00081030].includes(tag)),
        random,
      );
      if (text !== undefined) {
        text.value = Uint8Array.from({ length: 2 * (1 + random.integer(40)) }, () =>
          random.uniform() < 0.2 ? 0x1b : random.integer(256),
        );
      }
      return `${set}, with bytes of no language`;
    },
  },
];

/** Where an element stands among ascending ones. */
export function placeFor(tree: Tree, tag: number): number {
  const at = tree.body.findIndex((node) => node.tag > tag);
  return at < 0 ? tree.body.length : at;
}

function nested(depth: number, tag: number, tree: Tree, undefinedLength: boolean): Uint8Array {
  const { explicit, littleEndian } = tree.encoding;
  const header = explicit ? 12 : 8;
  const opening = header + 8;
  const closing = undefinedLength ? 16 : 0;
  const total = depth * (8 + closing + header) - header;
  const bytes = new Uint8Array(Math.max(0, depth * (opening + closing)));
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number): void => {
    view.setUint16(at, value >>> 16, littleEndian);
    view.setUint16(at + 2, value & 0xffff, littleEndian);
  };
  let at = 0;
  let left = total;
  for (let level = 0; level < depth; level++) {
    put(at, 0xfffee000);
    left -= 8 + (undefinedLength ? 16 : 0);
    view.setUint32(at + 4, undefinedLength ? 0xffffffff : Math.max(0, left), littleEndian);
    at += 8;
    if (level === depth - 1) break;
    put(at, tag);
    if (explicit) {
      bytes.set([0x53, 0x51], at + 4);
      at += 4;
    }
    left -= header;
    view.setUint32(at + 4, undefinedLength ? 0xffffffff : left, littleEndian);
    at += 8;
  }
  if (undefinedLength) {
    for (let level = 0; level < depth; level++) {
      put(at, 0xfffee00d);
      put(at + 8, 0xfffee0dd);
      at += 16;
    }
  }
  return bytes.slice(0, at);
}
