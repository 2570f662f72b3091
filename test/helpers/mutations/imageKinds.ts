import type { Random } from '../../../src/core/random.ts';
import {
  allNodes,
  copyItem,
  type Item,
  type Node,
  PIXEL_DATA,
  type Tree,
  textOf,
  textValue,
} from './dicomTree.ts';
import { nameOf, pick, placeFor, type TreeKind } from './elementKinds.ts';

/** Damage to what a data set says of its image: numbers, geometry, frames, fragments. */

const TEXT_NUMBERS = [
  'NaN',
  'inf',
  '-inf',
  'Infinity',
  '1e400',
  '-1e308',
  '1e30',
  '-1',
  '0',
  '-0',
  '1e-320',
  '',
  ' ',
  '0x10',
  '1,5',
  '1.5.2',
  '+',
  '--1',
  '99999999999999999999',
  '1\\2\\3\\4\\5\\6\\7',
  '\\',
  '1 2',
  '0.0000000000000001',
  '16384',
];

const DOUBLES = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1, 0, 5e-324, 1e30];

const DESCRIPTION: readonly (readonly [number, readonly number[]])[] = [
  [0x00280002, [0, 1, 2, 3, 4, 0xffff]],
  [0x00280006, [0, 1, 2]],
  [0x00280010, [0, 1, 2, 63, 65, 383, 385, 512, 16_384, 16_385, 0xffff]],
  [0x00280011, [0, 1, 2, 63, 65, 383, 385, 512, 16_384, 16_385, 0xffff]],
  [0x00280100, [0, 1, 7, 8, 12, 16, 24, 32, 64, 0xffff]],
  [0x00280101, [0, 1, 8, 10, 12, 15, 16, 17, 32, 0xffff]],
  [0x00280102, [0, 7, 9, 11, 15, 16, 31, 0xffff]],
  [0x00280103, [0, 1, 2, 0xffff]],
  [0x00280120, [0, 1, 100, 0x8000, 0xffff]],
  [0x00280121, [0, 1, 1000, 0xffff]],
];

function nodesOf(tree: Tree, tags: readonly number[]): Node[] {
  return allNodes(tree.body)
    .map(({ node }) => node)
    .filter(({ tag }) => tags.includes(tag));
}

function words(values: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * values.length));
  for (const [n, value] of values.entries()) view.setUint16(2 * n, value, littleEndian);
  return new Uint8Array(view.buffer);
}

const NUMBER_TAGS = [
  0x00180050, 0x00180080, 0x00180081, 0x00180082, 0x00180086, 0x00180088, 0x00181314, 0x00200011, 0x00200012,
  0x00200013, 0x00200032, 0x00200037, 0x00200100, 0x00281050, 0x00281051, 0x00280008, 0x00280030, 0x00281052,
  0x00281053,
];

export const IMAGE_KINDS: readonly TreeKind[] = [
  {
    name: 'numbers as text',
    spoil: (tree, random) => {
      const node = pick(nodesOf(tree, NUMBER_TAGS), random);
      if (node === undefined || Array.isArray(node.value)) return undefined;
      const parts = textOf(node.value).split('\\');
      const at = random.integer(parts.length);
      parts[at] = pick(TEXT_NUMBERS, random)!;
      node.value = textValue(parts.join('\\'));
      return `${nameOf(node.tag)} = ${parts.join('\\')}`;
    },
  },
  {
    name: 'binary numbers',
    spoil: (tree, random) => {
      const node = pick(
        allNodes(tree.body)
          .map((found) => found.node)
          .filter(
            ({ vr, value }) => vr !== undefined && /^(FD|FL|UL|SL|SS|US)$/.test(vr) && !Array.isArray(value),
          ),
        random,
      );
      if (node === undefined || Array.isArray(node.value) || node.value.length < 2) return undefined;
      const value = node.value.slice();
      const view = new DataView(value.buffer);
      const number = pick(DOUBLES, random)!;
      if (node.vr === 'FD' && value.length >= 8) view.setFloat64(0, number, tree.encoding.littleEndian);
      else if (node.vr === 'FL' && value.length >= 4) view.setFloat32(0, number, tree.encoding.littleEndian);
      else value.fill(pick([0, 0x7f, 0x80, 0xff], random)!);
      node.value = value;
      return `${nameOf(node.tag)} ${node.vr}`;
    },
  },
  {
    name: 'description of the pixels',
    spoil: (tree, random) => {
      const done: string[] = [];
      for (let n = 1 + random.integer(2); n > 0; n--) {
        const [tag, values] = pick(DESCRIPTION, random)!;
        const value = words([pick(values, random)!], tree.encoding.littleEndian);
        const found = tree.body.find((node) => node.tag === tag);
        const vr = tree.encoding.explicit ? 'US' : undefined;
        if (found !== undefined) found.value = value;
        else
          tree.body.splice(placeFor(tree, tag), 0, { tag, vr, value, undefinedLength: false, delimiters: 1 });
        done.push(`${nameOf(tag)} = ${value}`);
      }
      return done.join(', ');
    },
  },
  {
    name: 'rows and columns exchanged',
    spoil: (tree) => {
      const rows = tree.body.find(({ tag }) => tag === 0x00280010);
      const columns = tree.body.find(({ tag }) => tag === 0x00280011);
      if (rows === undefined || columns === undefined) return undefined;
      // Half the rows of twice the columns: as many pixels, and another image.
      const [r, c] = [rows, columns].map(({ value }) =>
        new DataView((value as Uint8Array).slice().buffer).getUint16(0, tree.encoding.littleEndian),
      ) as [number, number];
      rows.value = words([r / 2], tree.encoding.littleEndian);
      columns.value = words([c * 2], tree.encoding.littleEndian);
      return `${c * 2} × ${r / 2}`;
    },
  },
  {
    name: 'photometric interpretation',
    spoil: (tree, random) => {
      const node = tree.body.find(({ tag }) => tag === 0x00280004);
      if (node === undefined) return undefined;
      const text = pick(
        ['MONOCHROME1', 'RGB', 'PALETTE COLOR', 'YBR_FULL', 'monochrome2', '', 'MONOCHROME2\\RGB'],
        random,
      )!;
      node.value = textValue(text);
      return text;
    },
  },
  {
    name: 'orientation',
    spoil: (tree, random) => {
      const node = pick(nodesOf(tree, [0x00200037]), random);
      if (node === undefined) return undefined;
      const how = random.integer(5);
      const axes = randomAxes(random);
      if (how === 1) axes[0] = axes[0]! * 1.3;
      if (how === 2) axes.splice(3, 3, axes[0]!, axes[1]!, axes[2]!);
      if (how === 3) axes.fill(0);
      if (how === 4) axes.length = 5;
      node.value = textValue(axes.map((value) => value.toFixed(9)).join('\\'));
      return ['another', 'not of length one', 'not at a right angle', 'zeros', 'five numbers'][how];
    },
  },
  {
    name: 'position',
    spoil: (tree, random) => {
      const node = pick(nodesOf(tree, [0x00200032]), random);
      if (node === undefined) return undefined;
      const reach = pick([1, 300, 1e5, 1e12, 1e300], random)!;
      const position = [0, 1, 2].map(() => random.between(-reach, reach));
      node.value = textValue(position.map((value) => value.toPrecision(9)).join('\\'));
      return textOf(node.value);
    },
  },
  {
    name: 'spacing',
    spoil: (tree, random) => {
      const node = pick(nodesOf(tree, [0x00280030, 0x00180088, 0x00180050]), random);
      if (node === undefined) return undefined;
      const one = (): string => pick(['0.5', '2.25', '1e-30', '1e30', '0', '-1', '7'], random)!;
      node.value = textValue(node.tag === 0x00280030 ? `${one()}\\${one()}` : one());
      return `${nameOf(node.tag)} = ${textOf(node.value)}`;
    },
  },
  {
    name: 'number of frames',
    spoil: (tree, random) => {
      const text = pick(
        ['0', '1', '2', '5', '7', '35', '1000000', '2147483647', '-1', '1.5', '', '6\\6'],
        random,
      )!;
      const tag = 0x00280008;
      const found = tree.body.find((node) => node.tag === tag);
      const vr = tree.encoding.explicit ? 'IS' : undefined;
      if (found !== undefined) found.value = textValue(text);
      else
        tree.body.splice(placeFor(tree, tag), 0, {
          tag,
          vr,
          value: textValue(text),
          undefinedLength: false,
          delimiters: 1,
        });
      return text;
    },
  },
  {
    name: 'frames of the functional groups',
    spoil: (tree, random) => {
      const frames = tree.body.find(({ tag }) => tag === 0x52009230)?.value;
      if (!Array.isArray(frames)) return undefined;
      const from = random.integer(frames.length);
      const to = random.integer(frames.length);
      const how = random.integer(4);
      if (how === 0) frames.splice(from, 1);
      else if (how === 1) frames.splice(to, 0, copyItem(frames[from]!));
      else if (how === 2) [frames[from], frames[to]] = [frames[to]!, frames[from]!];
      else frames[from] = { content: [], undefinedLength: false, delimiters: 1 };
      return `frame ${from} ${['dropped', 'doubled', `exchanged with ${to}`, 'without groups'][how]}`;
    },
  },
  {
    name: 'functional groups moved',
    spoil: (tree, random) => {
      const shared = itemsOf(tree, 0x52009229)?.[0];
      const frame = pick(itemsOf(tree, 0x52009230) ?? [], random);
      if (!Array.isArray(shared?.content) || !Array.isArray(frame?.content)) return undefined;
      const isToShared = random.uniform() < 0.5;
      const [from, to] = isToShared ? [frame.content, shared.content] : [shared.content, frame.content];
      const moved = pick(from, random);
      if (moved === undefined) return undefined;
      if (random.uniform() < 0.5) from.splice(from.indexOf(moved), 1);
      to.push(moved);
      to.sort((a, b) => a.tag - b.tag);
      return `${nameOf(moved.tag)} ${isToShared ? 'to the shared ones' : 'to one frame'}`;
    },
  },
  {
    name: 'items of a sequence',
    spoil: (tree, random) => {
      const node = pick(
        allNodes(tree.body)
          .map((found) => found.node)
          .filter(({ tag, value }) => tag !== PIXEL_DATA && Array.isArray(value) && value.length > 0),
        random,
      );
      if (node === undefined || !Array.isArray(node.value)) return undefined;
      const isMore = random.uniform() < 0.5;
      if (isMore) node.value = [...node.value, copyItem(node.value[0]!)];
      else node.value = node.value.slice(1);
      return `${nameOf(node.tag)} with one item ${isMore ? 'more' : 'less'}`;
    },
  },
  {
    name: 'fragments',
    spoil: (tree, random) => {
      const items = fragmentsOf(tree);
      if (items === undefined || items.length < 2) return undefined;
      const n = 1 + random.integer(items.length - 1);
      const bytes = items[n]!.content as Uint8Array;
      const how = random.integer(7);
      const half = (bytes.length >> 2) * 2;
      if (how === 0) random.shuffle(items);
      else if (how === 1) items.splice(n, 1);
      else if (how === 2) items.splice(n, 0, copyItem(items[n]!));
      else if (how === 3)
        items.splice(n, 1, fragment(bytes.subarray(0, half)), fragment(bytes.subarray(half)));
      else if (how === 4) items.splice(n, 1, fragment(bytes.subarray(0, half)));
      else if (how === 5) items.splice(n, 0, fragment(new Uint8Array()));
      else items.splice(n, 1, fragment(Uint8Array.of(...bytes.subarray(0, 3), 0xff)));
      return [
        'shuffled',
        'one dropped',
        'one twice',
        'one split',
        'one cut',
        'an empty one',
        'one of 4 bytes',
      ][how];
    },
  },
  {
    name: 'offset table',
    spoil: (tree, random) => {
      const items = fragmentsOf(tree);
      if (items === undefined) return undefined;
      const how = random.integer(5);
      const count = pick([1, 2, 6, 7, 1000], random)!;
      const view = new DataView(new ArrayBuffer(4 * count));
      for (let n = 0; n < count; n++) {
        view.setUint32(
          4 * n,
          how === 0 ? random.uint32() : how === 1 ? 8 * n : random.integer(100_000),
          true,
        );
      }
      if (how < 3) items[0] = fragment(new Uint8Array(view.buffer));
      else if (how === 3) items[0] = fragment(new Uint8Array());
      else {
        const value = new Uint8Array(8 * count);
        new DataView(value.buffer).setBigUint64(8 * (count - 1), BigInt(random.uint32()), true);
        const tag = 0x7fe00001;
        tree.body.splice(placeFor(tree, tag), 0, {
          tag,
          vr: 'OV',
          value,
          undefinedLength: false,
          delimiters: 1,
        });
      }
      return ['random', 'eight bytes apart', 'anywhere', 'empty', 'extended'][how];
    },
  },
  {
    name: 'damaged codestream',
    spoil: (tree, random) => {
      const items = fragmentsOf(tree);
      const item = pick(items?.slice(1) ?? [], random);
      if (item === undefined) return undefined;
      const bytes = (item.content as Uint8Array).slice();
      const reach = random.uniform() < 0.6 ? Math.min(200, bytes.length) : bytes.length;
      for (let n = 1 + random.integer(4); n > 0 && reach > 0; n--) {
        bytes[random.integer(reach)] = pick([0, 1, 0x7f, 0x80, 0xff, random.integer(256)], random)!;
      }
      item.content = bytes;
      return 'bytes of a fragment changed';
    },
  },
];

function itemsOf(tree: Tree, tag: number): Item[] | undefined {
  const value = tree.body.find((node) => node.tag === tag)?.value;
  return Array.isArray(value) ? value : undefined;
}

/** The offset table and the fragments. */
function fragmentsOf(tree: Tree): Item[] | undefined {
  return itemsOf(tree, PIXEL_DATA);
}

function fragment(bytes: Uint8Array): Item {
  return { content: bytes, undefinedLength: false, delimiters: 1 };
}

/** Two unit vectors at a right angle. */
function randomAxes(random: Random): number[] {
  const unit = (v: number[]): number[] => v.map((value) => value / Math.hypot(...v));
  const a = unit([random.normal(), random.normal(), random.normal()]);
  const b = [random.normal(), random.normal(), random.normal()];
  const along = a.reduce((sum, value, n) => sum + value * b[n]!, 0);
  return [...a, ...unit(b.map((value, n) => value - along * a[n]!))];
}
