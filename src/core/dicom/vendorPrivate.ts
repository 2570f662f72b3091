import type { DataSet } from './dataSet.ts';
import { numbersOf } from './numbers.ts';
import { csaNumbers, readCsa } from './siemensCsa.ts';

/**
 * What scanners say only in private elements. A private element belongs to the block that its creator has
 * reserved (PS3.5, 7.8.1), so it is found by the creator's name and never by its number alone.
 */

/** The tag of a private element, where its creator has a block in this data set. */
function privateTag(dataSet: DataSet, group: number, creator: RegExp, element: number): number | undefined {
  for (let block = 0x10; block <= 0xff; block++) {
    const name = dataSet.string(group * 0x10000 + block);
    if (name === undefined) {
      // Blocks are reserved from the first on; a gap of a few is an anonymiser's.
      if (block >= 0x20) return undefined;
    } else if (creator.test(name)) {
      return group * 0x10000 + block * 0x100 + element;
    }
  }
  return undefined;
}

const SIEMENS = /^SIEMENS MR HEADER$/i;
const SIEMENS_CSA = /^SIEMENS CSA HEADER$/i;
const GE_PARAMETERS = /^GEMS_PARM_01$/i;
const GE_ACQUISITION = /^GEMS_ACQU_01$/i;
const PHILIPS = /^PHILIPS IMAGING DD 001$/i;
const PHILIPS_MR = /^PHILIPS MR IMAGING DD 001$/i;
const UIH = /^IMAGE PRIVATE HEADER$/i;

function privateNumbers(
  dataSet: DataSet,
  group: number,
  creator: RegExp,
  element: number,
  vr: string,
): number[] | undefined {
  const tag = privateTag(dataSet, group, creator, element);
  return tag === undefined ? undefined : numbersOf(dataSet, tag, vr);
}

/** What stands for an image's public attributes where a vendor leaves those out. */
export interface PrivateFacts {
  /** s/mm². */
  readonly bValue: number | undefined;
  /** Three numbers, in whatever frame the vendor uses: to tell directions apart, not to turn them. */
  readonly gradientDirection: readonly number[] | undefined;
  /** `magnitude`, `phase`, `real` or `imaginary`. */
  readonly component: string | undefined;
  /** Which of several acquisitions of the same places. */
  readonly temporalPosition: number | undefined;
}

/** Reads the private elements of Siemens, GE, Philips, United Imaging and Toshiba or Canon that reading needs. */
export function privateFacts(dataSet: DataSet): PrivateFacts {
  return {
    bValue: privateBValue(dataSet),
    gradientDirection: privateGradientDirection(dataSet),
    component: privateComponent(dataSet),
    // MR Repetition Index of United Imaging.
    temporalPosition: privateNumbers(dataSet, 0x0065, UIH, 0x2c, 'IS')?.[0],
  };
}

/** GE packs flags above the b-value: 1 000 001 000 is b = 1000. */
const GE_FLAGS = 100_000;
const LARGEST_B = 100_000;

/** The b-value, s/mm², of Siemens, GE, Philips, UIH, Toshiba and Canon, where the public element is absent. */
function privateBValue(dataSet: DataSet): number | undefined {
  const ge = privateNumbers(dataSet, 0x0043, GE_PARAMETERS, 0x39, 'IS')?.[0];
  const value =
    privateNumbers(dataSet, 0x0019, SIEMENS, 0x0c, 'IS')?.[0] ??
    (ge === undefined ? undefined : ge % GE_FLAGS) ??
    privateNumbers(dataSet, 0x2001, PHILIPS, 0x03, 'FL')?.[0] ??
    // What the sequence made of it, then what the user chose.
    privateNumbers(dataSet, 0x0065, UIH, 0x09, 'FD')?.[0] ??
    privateNumbers(dataSet, 0x0065, UIH, 0x0a, 'FD')?.[0] ??
    imageComments(dataSet)?.bValue;
  return value !== undefined && value >= 0 && value <= LARGEST_B ? value : undefined;
}

const MANUFACTURER = 0x00080070;
const IMAGE_COMMENTS = 0x00204000;

/**
 * Toshiba and Canon write `b=1500(0.445,0.000,0.895)` into Image Comments: the b-value, which newer software
 * states in the public element too, and the direction, which it states nowhere else.
 */
function imageComments(
  dataSet: DataSet,
): { bValue: number; direction: readonly number[] | undefined } | undefined {
  if (!/toshiba|canon/i.test(dataSet.string(MANUFACTURER) ?? '')) return undefined;
  const found = /(?:^|[^a-z])b\s*=\s*(\d+(?:\.\d+)?)\s*(?:\(([^()]*)\))?/i.exec(
    dataSet.string(IMAGE_COMMENTS) ?? '',
  );
  if (found === null) return undefined;
  const values = found[2]?.split(',').map(Number) ?? [];
  const isDirection = values.length === 3 && values.every(Number.isFinite);
  return { bValue: Number(found[1]), direction: isDirection ? values : undefined };
}

function privateGradientDirection(dataSet: DataSet): readonly number[] | undefined {
  const three = (element: number): number | undefined =>
    privateNumbers(dataSet, 0x0019, GE_ACQUISITION, element, 'DS')?.[0];
  const philips = (element: number): number | undefined =>
    privateNumbers(dataSet, 0x2005, PHILIPS_MR, element, 'FL')?.[0];
  const whole = (values: readonly (number | undefined)[]): readonly number[] | undefined =>
    values.every((value) => value !== undefined) ? (values as number[]) : undefined;
  return (
    privateNumbers(dataSet, 0x0019, SIEMENS, 0x0e, 'FD') ??
    privateNumbers(dataSet, 0x0065, UIH, 0x37, 'FD') ??
    whole([three(0xbb), three(0xbc), three(0xbd)]) ??
    whole([philips(0xb0), philips(0xb1), philips(0xb2)]) ??
    imageComments(dataSet)?.direction
  );
}

const GE_COMPONENTS = ['magnitude', 'phase', 'real', 'imaginary'] as const;
const PHILIPS_COMPONENTS: Readonly<Record<string, string>> = {
  M: 'magnitude',
  P: 'phase',
  R: 'real',
  I: 'imaginary',
};

/** Magnitude, phase, real or imaginary, of GE (0043,xx2F), Philips (2005,xx11) and Siemens (0051,xx16). */
function privateComponent(dataSet: DataSet): string | undefined {
  const ge = privateNumbers(dataSet, 0x0043, GE_PARAMETERS, 0x2f, 'SS')?.[0];
  if (ge !== undefined) return GE_COMPONENTS[ge];
  const philips = privateTag(dataSet, 0x2005, PHILIPS_MR, 0x11);
  const code = philips === undefined ? undefined : dataSet.string(philips)?.toUpperCase();
  if (code !== undefined) return PHILIPS_COMPONENTS[code];
  const siemens = privateTag(dataSet, 0x0051, SIEMENS, 0x16);
  const words = siemens === undefined ? undefined : dataSet.string(siemens);
  // `p2 M/ND/MOSAIC`: what was accelerated, then the component, then filters.
  const letter = /(?:^|\s)([MPRI])\//.exec(words ?? '')?.[1];
  return letter === undefined ? undefined : PHILIPS_COMPONENTS[letter];
}

/** What is told of the images tiled into one mosaic. */
export interface MosaicFacts {
  readonly tiles: number;
  /** The direction in which the tiles follow each other, where the header says it. */
  readonly normalLps: readonly number[] | undefined;
}

/** How many images a Siemens mosaic holds, by the scanner's header or by its own element. */
export function siemensMosaic(dataSet: DataSet): MosaicFacts | undefined {
  const tag = privateTag(dataSet, 0x0029, SIEMENS_CSA, 0x10);
  const place = tag === undefined ? undefined : dataSet.place(tag);
  const csa = place && readCsa(dataSet.bytes.subarray(place.offset, place.offset + place.length));
  const tiles =
    privateNumbers(dataSet, 0x0019, SIEMENS, 0x0a, 'US')?.[0] ??
    (csa && csaNumbers(csa, 'NumberOfImagesInMosaic')?.[0]);
  if (tiles === undefined || tiles < 1) return undefined;
  const normal = csa && csaNumbers(csa, 'SliceNormalVector');
  return { tiles, normalLps: normal?.length === 3 ? normal : undefined };
}

/**
 * The positions of the images tiled into a grid by United Imaging: one item each in (0065,xx51). The elements
 * are as United Imaging has described them to dcm2niix (rordenlab/dcm2niix, UIH/README.md).
 */
export function uihGrid(dataSet: DataSet): { readonly tiles: number; readonly frames: number } | undefined {
  const tiles = privateNumbers(dataSet, 0x0065, UIH, 0x50, 'DS')?.[0];
  const frames = privateTag(dataSet, 0x0065, UIH, 0x51);
  return tiles === undefined || tiles < 2 || frames === undefined ? undefined : { tiles, frames };
}
