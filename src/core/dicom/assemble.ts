import type { Warning, WarningCode } from '../contract/schemas.ts';
import { cross, dot } from '../volume/vec.ts';
import { missingParts } from './concatenation.ts';
import type { InstanceGeometry } from './imageGeometry.ts';
import type { Instance } from './instance.ts';
import { numberPlaces, sameOrientation } from './places.ts';
import { placeSlices } from './sliceOrder.ts';
import { type Contrast, splitByContrast } from './split.ts';
import { zeroFilledWarning } from './zeroFilled.ts';

/**
 * From indexed images to series that can be read as one slice stack each.
 *
 * A DICOM series is split where it holds several contrasts (see `splitByContrast`): each becomes an entry of
 * its own, named `<Series Instance UID>#<part>`. Where the images of one contrast do not agree in orientation, size,
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
  /** What was left out because another image lies where it does. */
  readonly duplicates?: readonly Instance[] | undefined;
  /** Orientation and in-plane spacing of all slices; undefined where the images state none. */
  readonly geometry: InstanceGeometry | undefined;
  readonly stepMm: number | undefined;
  /** The same for the parts of one series that repeat each other in time, direction or otherwise. */
  readonly repeated: string;
  /** Not the first of them. */
  readonly isRepetition: boolean;
  readonly warnings: readonly Warning[];
}

const SAME_SPACING = 1e-3;
/** A stated slice spacing within 2 % of the measured one agrees with it. */
const SPACING_FRACTION = 0.02;

/** The stacks of one series. @param instances of one Series Instance UID, at least one */
export function assembleSeries(instances: readonly Instance[]): SeriesPart[] {
  const ordered = [...instances].sort(
    (a, b) =>
      (a.instanceNumber ?? Number.MAX_SAFE_INTEGER) - (b.instanceNumber ?? Number.MAX_SAFE_INTEGER) ||
      (a.concatenation?.part ?? 0) - (b.concatenation?.part ?? 0) ||
      (a.path === b.path ? (a.frame ?? 0) - (b.frame ?? 0) : a.path < b.path ? -1 : 1),
  );
  const missing = missingParts(ordered.map(({ concatenation }) => concatenation));
  return splitByContrast(ordered, numberPlaces(ordered))
    .flatMap(stacksOf)
    .map((part) => {
      const split = new Set(part.instances.map(({ concatenation }) => concatenation?.uid));
      const own = [...missing].filter(([uid]) => split.has(uid)).map(([, warning]) => warning);
      return own.length === 0 ? part : { ...part, warnings: [...part.warnings, ...own] };
    });
}

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
    agree: (a, b) => a.rows === b.rows && a.columns === b.columns,
  },
  { code: 'mixed-spacing', what: 'in pixel spacing', agree: sameSpacing },
];

function sameSpacing(a: Instance, b: Instance): boolean {
  if (a.geometry === undefined || b.geometry === undefined) return true;
  const { spacingMm } = b.geometry;
  return a.geometry.spacingMm.every((value, n) => Math.abs(value / spacingMm[n]! - 1) <= SAME_SPACING);
}

function stacksOf({ members, suffix, label, repeated, isRepetition }: Contrast): SeriesPart[] {
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
    const words = [label, part].filter((text) => text !== '').join(', ');
    return stackOf(
      group,
      { suffix: tail, part: words, repeated: `${repeated}.${number}`, isRepetition },
      warnings,
    );
  });
}

function stackOf(
  group: readonly Instance[],
  {
    suffix,
    part,
    repeated,
    isRepetition,
  }: Pick<SeriesPart, 'part' | 'repeated' | 'isRepetition'> & {
    readonly suffix: string;
  },
  mixed: readonly Warning[],
): SeriesPart {
  const first = group[0]!;
  const common = {
    uid: suffix === '' ? first.seriesUid : `${first.seriesUid}#${suffix}`,
    seriesUid: first.seriesUid,
    part,
    repeated,
    isRepetition,
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
  warnings.push(...statedSpacing(placed.slices, placed.stepMm), ...doubts(group));
  const zeroFilled = zeroFilledWarning(first);
  if (zeroFilled !== undefined) warnings.push(zeroFilled);
  if (group.some(({ lossy }) => lossy)) {
    warnings.push({
      code: 'lossy-compressed',
      message: 'The images were once compressed with loss: what that took away cannot be told from anatomy',
    });
  }
  return {
    ...common,
    instances: placed.slices,
    duplicates: placed.duplicates,
    stepMm: placed.stepMm,
    warnings,
  };
}

/** Spacing Between Slices against what the positions say. */
function statedSpacing(slices: readonly Instance[], stepMm: number | undefined): Warning[] {
  const stated = slices[0]?.spacingBetweenSlicesMm;
  const thickness = slices[0]?.sliceThicknessMm;
  if (stated === undefined || stepMm === undefined) return [];
  const agrees = (mm: number): boolean => Math.abs(mm - stepMm) <= Math.max(0.01, SPACING_FRACTION * stepMm);
  if (agrees(stated)) return [];
  const mm = (value: number): string => `${Number(value.toFixed(3))} mm`;
  const asGap =
    thickness !== undefined && agrees(thickness + stated)
      ? `: it is the gap between slices of ${mm(thickness)}, as some scanners write it`
      : '';
  return [
    {
      code: 'spacing-disagrees',
      message: `The header says that slices are ${mm(stated)} apart (Spacing Between Slices), their positions say ${mm(stepMm)}${asGap}. The positions count`,
    },
  ];
}

/** What mosaics leave open about where their slices lie. */
function doubts(group: readonly Instance[]): Warning[] {
  const said = new Set(
    group.map(({ geometryDoubt }) => geometryDoubt).filter((doubt) => doubt !== undefined),
  );
  return [...said].map((doubt) => ({
    code: 'geometry-doubtful',
    message: `${doubt}. Check the result against another series`,
  }));
}

function describeInstance(instance: Instance): string {
  const name = instance.path.slice(
    Math.max(instance.path.lastIndexOf('/'), instance.path.lastIndexOf('\\')) + 1,
  );
  const number = instance.instanceNumber;
  return number === undefined ? name : `image ${number} (${name})`;
}
