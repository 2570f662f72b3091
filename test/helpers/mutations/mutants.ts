import { createRandom, type Random } from '../../../src/core/random.ts';
import type { Base } from './bases.ts';
import { BYTE_KINDS, type ByteKind } from './byteKinds.ts';
import { NIFTI_KINDS, ZIP_KINDS } from './containerKinds.ts';
import { copyTree, writeTree } from './dicomTree.ts';
import { ELEMENT_KINDS, type TreeKind } from './elementKinds.ts';
import { IMAGE_KINDS } from './imageKinds.ts';

/** A damaged file that its number alone makes again, on every machine. */
export interface Mutant {
  readonly number: number;
  readonly base: Base;
  readonly kind: string;
  /** What was done, in words. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

const TREE_KINDS: readonly TreeKind[] = [...ELEMENT_KINDS, ...IMAGE_KINDS];
/** One in so many is damaged twice. */
const TWICE = 8;

/** How many mutants there are before a base meets a kind of damage for the second time. */
export function roundOf(bases: readonly Base[]): number {
  return bases.length * (TREE_KINDS.length + BYTE_KINDS.length);
}

/** Mutant `number` of the given bases: every base meets every kind of damage in turn. */
export function makeMutant(bases: readonly Base[], number: number): Mutant {
  const base = bases[number % bases.length]!;
  const turn = Math.floor(number / bases.length);
  const random = createRandom(number);
  const made =
    base.tree === undefined
      ? ofBytes(base, [...(base.form === 'zip' ? ZIP_KINDS : NIFTI_KINDS), ...BYTE_KINDS], turn, random)
      : ofTree(base, turn, random);
  if (random.integer(TWICE) > 0) return { number, base, ...made };
  const again = ofBytes(
    { ...base, bytes: made.bytes },
    BYTE_KINDS,
    random.integer(BYTE_KINDS.length),
    random,
  );
  return { number, base, kind: made.kind, what: `${made.what}; ${again.what}`, bytes: again.bytes };
}

type Made = Pick<Mutant, 'kind' | 'what' | 'bytes'>;

function ofBytes(base: Base, kinds: readonly ByteKind[], turn: number, random: Random): Made {
  const { name, spoil } = kinds[turn % kinds.length]!;
  if (base.bytes.length === 0) return { kind: name, what: 'an empty file', bytes: base.bytes };
  return {
    kind: name,
    what: name,
    bytes: spoil(base.bytes, random, Math.max(1, Math.min(base.headerBytes, base.bytes.length))),
  };
}

function ofTree(base: Base, turn: number, random: Random): Made {
  const count = TREE_KINDS.length + BYTE_KINDS.length;
  for (let next = turn; ; next++) {
    const n = next % count;
    if (n >= TREE_KINDS.length) return ofBytes(base, BYTE_KINDS, n - TREE_KINDS.length, random);
    const { name, spoil } = TREE_KINDS[n]!;
    const tree = copyTree(base.tree!);
    const what = spoil(tree, random);
    if (what !== undefined) return { kind: name, what: `${name}: ${what}`, bytes: writeTree(tree) };
  }
}
