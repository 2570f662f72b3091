import type { Warning, WarningCode } from '../contract/schemas.ts';
import { cross, dot } from '../volume/vec.ts';
import type { InstanceGeometry } from './imageGeometry.ts';
import type { Instance } from './instance.ts';
import { placeSlices } from './sliceOrder.ts';
import { zeroFilledWarning } from './zeroFilled.ts';

/**
 * From indexed images to series that can be read as one slice stack each.
 *
 * A DICOM series is split where it holds several contrasts (echoes; and, where images coincide in space,
 * magnitude and phase, b-values, temporal positions): each becomes an entry of its own, named
 * `<Series Instance UID>#<part>`. Where the images of one contrast do not agree in orientation, size,
 * spacing or frame of reference, those that agree make a stack each: if one holds more than half of the
 * images it keeps the plain UID, the others are `#2`, `#3` …; else all are numbered. All say so.
 */
export interface SeriesPart {
  /** Series Instance UID, with `#part` where the series holds several stacks. */
  readonly uid: string;
  readonly seriesUid: string;
  /** What sets the part apart (`echo 2`, `stack 1 of 3`); '' where the series is one stack. */
  readonly part: string;
  /** In stack order, one a position; by instance number where there is no geometry. */
  readonly instances: readonly Instance[];
  /** Orientation and in-plane spacing of all slices; undefined where the images state none. */
  readonly geometry: InstanceGeometry | undefined;
  readonly stepMm: number | undefined;
  readonly warnings: readonly Warning[];
}

/** Direction cosines that differ by less are the same orientation (0.1°). */
const SAME_DIRECTION = 2e-3;
const SAME_SPACING = 1e-3;

/** The stacks of one series. @param instances of one Series Instance UID, at least one */
export function assembleSeries(instances: readonly Instance[]): SeriesPart[] {
  const ordered = [...instances].sort(
    (a, b) =>
      (a.instanceNumber ?? Number.MAX_SAFE_INTEGER) - (b.instanceNumber ?? Number.MAX_SAFE_INTEGER) ||
      (a.path < b.path ? -1 : 1),
  );
  const contrasts = splitByContrast(ordered);
  return contrasts.flatMap(({ suffix, label, members }) => stacksOf(members, suffix, label));
}

interface Contrast {
  readonly suffix: string;
  readonly label: string;
  readonly members: readonly Instance[];
}

function splitByContrast(instances: readonly Instance[]): Contrast[] {
  let contrasts: Contrast[] = [{ suffix: '', label: '', members: instances }];
  contrasts = contrasts.flatMap((contrast) => split(contrast, 'e', 'echo', echoKeys(contrast.members)));
  for (const [letter, name, keyOf] of CONDITIONAL_KEYS) {
    contrasts = contrasts.flatMap((contrast) =>
      coincide(contrast.members) ? split(contrast, letter, name, contrast.members.map(keyOf)) : [contrast],
    );
  }
  return contrasts;
}

type Key = string | number | undefined;

/** What may set coinciding images of one series apart. */
const CONDITIONAL_KEYS: readonly (readonly [string, string, (instance: Instance) => Key])[] = [
  ['c', 'component', (instance) => instance.component],
  ['b', 'b-value', (instance) => instance.facts.diffusionBValue],
  ['t', 'temporal position', (instance) => instance.temporalPosition],
];

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

function split(contrast: Contrast, letter: string, name: string, keys: readonly Key[]): Contrast[] {
  const groups = new Map<Key, Instance[]>();
  for (const [n, member] of contrast.members.entries()) {
    const group = groups.get(keys[n]);
    if (group === undefined) groups.set(keys[n], [member]);
    else group.push(member);
  }
  if (groups.size === 1) return [contrast];
  const sorted = [...groups].sort(([a], [b]) => compareKeys(a, b));
  return sorted.map(([key, members], n) => ({
    suffix: `${contrast.suffix}${letter}${n + 1}`,
    label: join(contrast.label, name === 'echo' ? `echo ${n + 1}` : `${name} ${key ?? 'not given'}`),
    members,
  }));
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '') < String(b ?? '') ? -1 : 1;
}

/** Whether two images of different content lie at one place. */
function coincide(instances: readonly Instance[]): boolean {
  const seen = new Map<string, string>();
  for (const { geometry, sopInstanceUid } of instances) {
    if (geometry === undefined) continue;
    const key = [...geometry.positionLps, ...geometry.iAxisLps, ...geometry.jAxisLps]
      .map((value) => value.toFixed(3))
      .join();
    const other = seen.get(key);
    if (other !== undefined && other !== sopInstanceUid) return true;
    seen.set(key, sopInstanceUid);
  }
  return false;
}

const join = (a: string, b: string): string => (a === '' ? b : `${a}, ${b}`);

/** What two images of one stack must share, with the warning where they do not. */
const AGREEMENTS: readonly {
  readonly code: WarningCode;
  readonly what: string;
  readonly agree: (a: Instance, b: Instance) => boolean;
}[] = [
  {
    code: 'missing-geometry',
    what: 'in whether they state their position',
    agree: (a, b) => (a.geometry === undefined) === (b.geometry === undefined),
  },
  {
    code: 'mixed-frame-of-reference',
    what: 'in frame of reference',
    agree: (a, b) => a.frameOfReferenceUid === b.frameOfReferenceUid,
  },
  { code: 'mixed-orientation', what: 'in orientation', agree: sameOrientation },
  {
    code: 'mixed-size',
    what: 'in size',
    agree: (a, b) => a.format.rows === b.format.rows && a.format.columns === b.format.columns,
  },
  { code: 'mixed-spacing', what: 'in pixel spacing', agree: sameSpacing },
];

function sameOrientation(a: Instance, b: Instance): boolean {
  if (a.geometry === undefined || b.geometry === undefined) return true;
  const values = [...a.geometry.iAxisLps, ...a.geometry.jAxisLps];
  const others = [...b.geometry.iAxisLps, ...b.geometry.jAxisLps];
  return values.every((value, n) => Math.abs(value - others[n]!) <= SAME_DIRECTION);
}

function sameSpacing(a: Instance, b: Instance): boolean {
  if (a.geometry === undefined || b.geometry === undefined) return true;
  const { spacingMm } = b.geometry;
  return a.geometry.spacingMm.every((value, n) => Math.abs(value / spacingMm[n]! - 1) <= SAME_SPACING);
}

function stacksOf(members: readonly Instance[], suffix: string, label: string): SeriesPart[] {
  const groups: Instance[][] = [];
  for (const member of members) {
    const group = groups.find((candidate) => AGREEMENTS.every(({ agree }) => agree(candidate[0]!, member)));
    if (group === undefined) groups.push([member]);
    else group.push(member);
  }
  groups.sort((a, b) => b.length - a.length);
  const mixed = AGREEMENTS.filter(({ agree }) => groups.some((group) => !agree(groups[0]![0]!, group[0]!)));
  const hasMain = groups[0]!.length * 2 > members.length;
  return groups.map((group, n) => {
    const number = groups.length === 1 || (n === 0 && hasMain) ? '' : String(n + 1);
    const part = groups.length === 1 ? '' : `stack ${n + 1} of ${groups.length}`;
    const warnings = mixed.map(
      ({ code, what }): Warning => ({
        code,
        message: `The ${members.length} images of this series differ ${what}: they make ${groups.length} stacks, and this one has ${group.length} of them`,
      }),
    );
    const tail = [suffix, number].filter((text) => text !== '').join('.');
    return stackOf(group, tail, join(label, part === '' ? '' : part).replace(/, $/, ''), warnings);
  });
}

function stackOf(
  group: readonly Instance[],
  suffix: string,
  part: string,
  mixed: readonly Warning[],
): SeriesPart {
  const first = group[0]!;
  const common = {
    uid: suffix === '' ? first.seriesUid : `${first.seriesUid}#${suffix}`,
    seriesUid: first.seriesUid,
    part,
    geometry: first.geometry,
  };
  const { geometry } = first;
  if (geometry === undefined) {
    const warning: Warning = {
      code: 'missing-geometry',
      message: `The images have ${first.geometryProblem ?? 'no geometry'}: where they lie is not known, so they are listed but not read`,
    };
    const others = mixed.filter(({ code }) => code !== 'missing-geometry');
    return { ...common, instances: group, stepMm: undefined, warnings: [warning, ...others] };
  }
  const normal = cross(geometry.iAxisLps, geometry.jAxisLps);
  const placed = placeSlices(group, (instance) => instance.geometry!.positionLps, normal, describeInstance);
  const warnings = [...mixed, ...placed.warnings];
  if (placed.slices.length === 1) {
    warnings.push({
      code: 'single-slice',
      message: 'This is one slice: it can be enhanced, but makes no volume',
      afterSlice: 1,
      positionMm: dot(geometry.positionLps, normal),
    });
  }
  const zeroFilled = zeroFilledWarning(first);
  if (zeroFilled !== undefined) warnings.push(zeroFilled);
  if (group.some(({ lossy }) => lossy)) {
    warnings.push({
      code: 'lossy-compressed',
      message: 'The images were once compressed with loss: what that took away cannot be told from anatomy',
    });
  }
  return { ...common, instances: placed.slices, stepMm: placed.stepMm, warnings };
}

function describeInstance(instance: Instance): string {
  const name = instance.path.slice(
    Math.max(instance.path.lastIndexOf('/'), instance.path.lastIndexOf('\\')) + 1,
  );
  const number = instance.instanceNumber;
  return number === undefined ? name : `image ${number} (${name})`;
}
