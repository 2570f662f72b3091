import type { DataSet } from '../derived/dataSet.ts';
import { P, PRIVATE_CREATOR, PRIVATE_GROUP } from '../derived/provenanceBlock.ts';

/** Which elements of a private block may stay: all, or some by the lower byte of their tag. */
export type SafeElements = 'all' | ReadonlySet<number>;

/**
 * Private elements known to hold nothing but physics (PS3.15, E.3.10 names the same kinds): b-values and
 * gradient directions, without which a diffusion image is not one.
 */
const KNOWN_SAFE: readonly {
  readonly group: number;
  readonly creator: string;
  readonly elements: SafeElements;
}[] = [
  { group: 0x0019, creator: 'SIEMENS MR HEADER', elements: new Set([0x0a, 0x0c, 0x0d, 0x0e, 0x27, 0x28]) },
  { group: 0x2001, creator: 'Philips Imaging DD 001', elements: new Set([0x03, 0x04]) },
  { group: 0x0019, creator: 'GEMS_ACQU_01', elements: new Set([0xbb, 0xbc, 0xbd]) },
  { group: 0x0043, creator: 'GEMS_PARM_01', elements: new Set([0x39]) },
];

/** The blocks of a data set that may stay: ours always, others where `retainSafe` asks for it. */
export class SafeBlocks {
  readonly #declared: ReadonlyMap<string, SafeElements>;
  readonly #retainSafe: boolean;

  /** @param dataSet of the object: it may declare blocks safe itself (0008,0300). */
  constructor(dataSet: DataSet, retainSafe: boolean) {
    this.#retainSafe = retainSafe;
    this.#declared = declaredBlocks(dataSet);
  }

  /** Whether an element of a block may stay. */
  keeps(group: number, creator: string, element: number): boolean {
    if (group === PRIVATE_GROUP && creator === PRIVATE_CREATOR) return true;
    if (!this.#retainSafe) return false;
    const known = KNOWN_SAFE.find((one) => one.group === group && one.creator === creator)?.elements;
    const declared = this.#declared.get(blockKey(group, creator));
    return [known, declared].some((safe) => safe === 'all' || safe?.has(element) === true);
  }
}

/**
 * The private elements of one data set that may stay, with the creators that reserve their blocks.
 */
export function safePrivateElements(dataSet: DataSet, safe: SafeBlocks): DataSet {
  const creators = new Map<number, string>();
  for (const { tag, value } of dataSet) {
    if (!isCreator(tag) || !(value instanceof Uint8Array)) continue;
    creators.set((tag >>> 16) * 0x100 + (tag & 0xff), trimmed(value));
  }
  const blockOf = (tag: number) => (tag >>> 16) * 0x100 + ((tag >>> 8) & 0xff);
  const kept = dataSet.filter(({ tag, value }) => {
    const creator = creators.get(blockOf(tag));
    return (
      isPrivate(tag) &&
      !isCreator(tag) &&
      creator !== undefined &&
      value instanceof Uint8Array &&
      safe.keeps(tag >>> 16, creator, tag & 0xff)
    );
  });
  const blocks = new Set(kept.map(({ tag }) => blockOf(tag)));
  return dataSet.filter((element) =>
    isCreator(element.tag)
      ? blocks.has((element.tag >>> 16) * 0x100 + (element.tag & 0xff))
      : kept.includes(element),
  );
}

/** Of the declarations of a data set, those about blocks that are still in it. */
export function remainingDeclarations(items: readonly DataSet[], kept: DataSet): DataSet[] {
  const present = new Set(
    kept
      .filter(({ tag, value }) => isCreator(tag) && value instanceof Uint8Array)
      .map(({ tag, value }) => blockKey(tag >>> 16, trimmed(value as Uint8Array))),
  );
  return items.filter((item) => {
    const { group, creator } = declarationOf(item);
    return group !== undefined && present.has(blockKey(group, creator));
  });
}

export function isPrivate(tag: number): boolean {
  return (tag >>> 16) % 2 === 1;
}

function isCreator(tag: number): boolean {
  const element = tag & 0xffff;
  return isPrivate(tag) && element >= 0x10 && element <= 0xff;
}

function declaredBlocks(dataSet: DataSet): Map<string, SafeElements> {
  const declared = new Map<string, SafeElements>();
  const value = dataSet.find(({ tag }) => tag === P.PrivateDataElementCharacteristicsSequence)?.value;
  if (value === undefined || value instanceof Uint8Array) return declared;
  for (const item of value as readonly DataSet[]) {
    const { group, creator, status, nonidentifying } = declarationOf(item);
    if (group === undefined) continue;
    if (status === 'SAFE') declared.set(blockKey(group, creator), 'all');
    if (status === 'MIXED') declared.set(blockKey(group, creator), new Set(nonidentifying));
  }
  return declared;
}

function declarationOf(item: DataSet) {
  const bytes = (wanted: number) => {
    const value = item.find(({ tag }) => tag === wanted)?.value;
    return value instanceof Uint8Array ? value : new Uint8Array();
  };
  const shortsOf = (wanted: number) => {
    const value = bytes(wanted);
    return Array.from({ length: value.length >>> 1 }, (_, n) => value[2 * n]! + 256 * value[2 * n + 1]!);
  };
  return {
    group: shortsOf(P.PrivateGroupReference)[0],
    creator: trimmed(bytes(P.PrivateCreatorReference)),
    status: trimmed(bytes(P.BlockIdentifyingInformationStatus)),
    nonidentifying: shortsOf(P.NonidentifyingPrivateElements),
  };
}

const blockKey = (group: number, creator: string) => `${group} ${creator}`;
const trimmed = (value: Uint8Array) =>
  String.fromCharCode(...value.subarray(0, 256)).replaceAll(/^[\0 ]+|[\0 ]+$/g, '');
