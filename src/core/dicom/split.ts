import type { Instance } from './instance.ts';

/**
 * Splits a series where it holds several contrasts. Some differences always make separate stacks (an echo, a
 * component, a stack of the scanner's, another series number under one UID); others only where images of
 * different content lie at the same place, for they may as well vary from slice to slice of one stack.
 */
export interface Contrast {
  /** `e2`, `c1b3` …; '' where the series is one. */
  readonly suffix: string;
  /** What sets it apart, in words. */
  readonly label: string;
  readonly members: readonly Instance[];
  /** `suffix` without what repeats in time, direction or otherwise: the same for all repetitions of each other. */
  readonly repeated: string;
  /** Not the first of them. */
  readonly isRepetition: boolean;
}

type Key = string | number | undefined;

interface Difference {
  readonly letter: string;
  readonly keysOf: (instances: readonly Instance[]) => readonly Key[];
  readonly words: (key: Key, n: number) => string;
  /** Keys that go first, in this order; the others ascend. */
  readonly first?: readonly Key[];
  readonly repeats?: true;
}

const each =
  (keyOf: (instance: Instance) => Key) =>
  (instances: readonly Instance[]): Key[] =>
    instances.map(keyOf);
const orNone = (what: string, words: (key: string | number) => string) => (key: Key) =>
  key === undefined ? `no ${what}` : words(key);

const ALWAYS: readonly Difference[] = [
  {
    letter: 'n',
    keysOf: each(({ seriesNumber }) => seriesNumber),
    words: orNone('series number', (key) => `series number ${key}`),
  },
  {
    letter: 'c',
    keysOf: componentKeys,
    words: (key) => `${key ?? 'no component given'}`,
    first: ['magnitude', 'phase', 'real', 'imaginary'],
  },
  { letter: 'e', keysOf: echoKeys, words: (_, n) => `echo ${n + 1}` },
  {
    letter: 's',
    keysOf: each(({ stackId }) => stackId),
    words: orNone('stack name', (key) => `stack “${key}”`),
  },
];

const WHERE_IMAGES_COINCIDE: readonly Difference[] = [
  { letter: 'w', keysOf: each(({ kind }) => kind), words: (key) => `${key ?? 'other'}` },
  {
    letter: 'b',
    keysOf: each(({ facts }) => facts.diffusionBValue),
    words: orNone('b-value', (key) => `b = ${key} s/mm²`),
  },
  {
    letter: 'd',
    keysOf: each(({ gradientDirection }) => gradientDirection),
    words: orNone('direction', (key) => `direction (${key})`),
    repeats: true,
  },
  {
    letter: 't',
    keysOf: each(({ temporalPosition }) => temporalPosition),
    words: orNone('temporal position', (key) => `temporal position ${key}`),
    repeats: true,
  },
  {
    letter: 'i',
    keysOf: each(({ facts }) => facts.inversionTimeMs),
    words: orNone('inversion time', (key) => `inversion time ${key} ms`),
  },
  {
    letter: 'f',
    keysOf: each(({ facts }) => facts.flipAngleDeg),
    words: orNone('flip angle', (key) => `flip angle ${key}°`),
  },
  {
    letter: 'h',
    keysOf: each(({ triggerTimeMs }) => triggerTimeMs),
    words: orNone('trigger time', (key) => `trigger time ${key} ms`),
    repeats: true,
  },
  {
    letter: 'x',
    keysOf: each(({ dimensions }) => dimensions),
    words: orNone('dimension index', (key) => `${key}`),
  },
  {
    letter: 'y',
    keysOf: each(({ facts }) => facts.imageType.join('\\')),
    words: (key) => `image type ${key}`,
  },
  {
    letter: 'a',
    keysOf: each(({ acquisitionNumber }) => acquisitionNumber),
    words: orNone('acquisition number', (key) => `acquisition ${key}`),
    repeats: true,
  },
];

const REPEAT = { letter: 'r', words: (key: Key) => `repeat ${key}`, repeats: true } as const;

/**
 * @param instances in the order in which repetitions count
 * @param placeOf `numberPlaces` of them
 */
export function splitByContrast(
  instances: readonly Instance[],
  placeOf: ReadonlyMap<Instance, number>,
): Contrast[] {
  let contrasts: Contrast[] = [
    { suffix: '', label: '', members: instances, repeated: '', isRepetition: false },
  ];
  for (const difference of ALWAYS) {
    contrasts = contrasts.flatMap((contrast) =>
      split(contrast, difference, difference.keysOf(contrast.members)),
    );
  }
  for (const difference of WHERE_IMAGES_COINCIDE) {
    contrasts = contrasts.flatMap((contrast) => {
      if (!coincide(contrast.members, placeOf)) return [contrast];
      const parts = split(contrast, difference, difference.keysOf(contrast.members));
      return makeStacks(contrast, parts, placeOf) ? parts : [contrast];
    });
  }
  return contrasts.flatMap((contrast) => splitRepeats(contrast, placeOf));
}

function split(
  contrast: Contrast,
  { letter, words, first = [], repeats }: Omit<Difference, 'keysOf'>,
  keys: readonly Key[],
): Contrast[] {
  const groups = new Map<Key, Instance[]>();
  for (const [n, member] of contrast.members.entries()) {
    const group = groups.get(keys[n]);
    if (group === undefined) groups.set(keys[n], [member]);
    else group.push(member);
  }
  if (groups.size === 1) return [contrast];
  const rank = (key: Key): number => (first.includes(key) ? first.indexOf(key) : first.length);
  const sorted = [...groups].sort(([a], [b]) => rank(a) - rank(b) || compareKeys(a, b));
  return sorted.map(([key, members], n) => ({
    suffix: `${contrast.suffix}${letter}${n + 1}`,
    label: contrast.label === '' ? words(key, n) : `${contrast.label}, ${words(key, n)}`,
    members,
    repeated: repeats === true ? contrast.repeated : `${contrast.repeated}${letter}${n + 1}`,
    isRepetition: contrast.isRepetition || (repeats === true && n > 0),
  }));
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return String(a) < String(b) ? -1 : 1;
}

/**
 * Component, or the map that the image is. An image that names neither is a magnitude image where others of
 * the series are: scanners leave that out more than anything else.
 */
function componentKeys(instances: readonly Instance[]): Key[] {
  const keys = instances.map(({ component, kind }) => component ?? mapOf(kind));
  const named = new Set(keys.filter((key) => key !== undefined));
  if (named.size === 0) return keys;
  const unnamed = named.has('magnitude') ? 'magnitude' : named.size === 1 ? [...named][0] : undefined;
  return keys.map((key) => key ?? unnamed);
}

function mapOf(kind: string | undefined): string | undefined {
  return kind?.endsWith('map') === true ? kind : undefined;
}

/** Echo times that differ by more than this are different echoes. */
function echoKeys(instances: readonly Instance[]): Key[] {
  const times = [...new Set(instances.map(({ facts }) => facts.echoTimeMs))]
    .filter((time) => time !== undefined)
    .sort((a, b) => a - b);
  const cluster = new Map<number, number>();
  let start = times[0] ?? 0;
  for (const time of times) {
    if (time - start > Math.max(0.05, 0.01 * start)) start = time;
    cluster.set(time, start);
  }
  const numbers = instances.map(({ echoNumber }) => echoNumber ?? 0);
  return instances.map(({ facts }, n) => {
    const time = facts.echoTimeMs === undefined ? 0 : (cluster.get(facts.echoTimeMs) ?? 0);
    return numbers[n]! * 1e7 + time;
  });
}

/** Names one image among all: the same file found twice is no second image. */
function identity({ sopInstanceUid, frame, tile }: Instance): string {
  return `${sopInstanceUid}/${frame ?? ''}/${tile === undefined ? '' : `${tile.row},${tile.column}`}`;
}

/** Whether two different images lie at one place. */
function coincide(instances: readonly Instance[], placeOf: ReadonlyMap<Instance, number>): boolean {
  const seen = new Map<number, Instance>();
  for (const instance of instances) {
    const place = placeOf.get(instance);
    if (place === undefined) continue;
    const other = seen.get(place);
    if (other === undefined) seen.set(place, instance);
    else if (identity(other) !== identity(instance)) return true;
  }
  return false;
}

/**
 * Whether a difference splits into stacks, and not a stack into crumbs: of the parts, most have images at
 * half of the places or more. (The last of a measurement that was stopped has fewer.)
 */
function makeStacks(
  whole: Contrast,
  parts: readonly Contrast[],
  placeOf: ReadonlyMap<Instance, number>,
): boolean {
  const places = ({ members }: Contrast) => new Set(members.map((member) => placeOf.get(member))).size;
  const half = places(whole) / 2;
  return parts.filter((part) => places(part) >= half).length * 2 > parts.length;
}

/**
 * What still coincides and has nothing that tells it apart: the first image of every place is the first
 * repeat, and so on. Only where half of the places or more repeat; else they are duplicates.
 */
function splitRepeats(contrast: Contrast, placeOf: ReadonlyMap<Instance, number>): Contrast[] {
  const seen = new Map<number, string[]>();
  const keys = contrast.members.map((member) => {
    const place = placeOf.get(member);
    if (place === undefined) return 1;
    const here = seen.get(place) ?? [];
    seen.set(place, here);
    const name = identity(member);
    if (!here.includes(name)) here.push(name);
    return here.indexOf(name) + 1;
  });
  const repeated = [...seen.values()].filter((here) => here.length > 1).length;
  return repeated * 2 < seen.size || repeated === 0 ? [contrast] : split(contrast, REPEAT, keys);
}
