import type { ContrastName } from '../contract/schemas.ts';
import { guessByPhysics, timesOf } from './contrastPhysics.ts';
import { contrastWords } from './contrastWords.ts';
import { imageKind, isMap } from './imageKind.ts';

/** What a header says about how an image was weighted. Times in milliseconds. */
export interface AcquisitionFacts {
  /** Of the magnet, tesla. */
  readonly fieldStrengthT?: number | undefined;
  readonly modality: string;
  /** Values of Image Type, upper case. */
  readonly imageType: readonly string[];
  readonly seriesDescription: string;
  readonly protocolName: string;
  /** SE, IR, GR, EP, RM. */
  readonly scanningSequence: readonly string[];
  /** SK, MTC, SS, TRSS, SP, MP, OSP. */
  readonly sequenceVariant: readonly string[];
  readonly scanOptions: readonly string[];
  readonly sequenceName: string;
  /** 2D, 3D or ''. */
  readonly acquisitionType: string;
  readonly angiography: boolean;
  readonly repetitionTimeMs: number | undefined;
  readonly echoTimeMs: number | undefined;
  readonly inversionTimeMs: number | undefined;
  readonly flipAngleDeg: number | undefined;
  readonly echoTrainLength: number | undefined;
  readonly contrastAgent: string;
  /** s/mm². */
  readonly diffusionBValue: number | undefined;
}

export interface ContrastGuess {
  readonly name: ContrastName;
  /** In words, from which facts. */
  readonly why: string;
  /** Known to be no plain anatomical image (angiography, echo-planar, phase …): no use in a pair. */
  readonly setAside?: true | undefined;
}

/** Image Type values of images computed from others. */
const DERIVED_TYPES: Readonly<Record<string, string>> = {
  ADC: 'an apparent diffusion coefficient map',
  FA: 'a fractional anisotropy map',
  TRACEW: 'a trace-weighted image',
  TENSOR: 'a diffusion tensor',
  MPR: 'a reformatted image',
  'PROJECTION IMAGE': 'a projection',
  MIP: 'a maximum intensity projection',
  MNIP: 'a minimum intensity projection',
  MINIP: 'a minimum intensity projection',
  SUBTRACT: 'a subtraction',
  'SCREEN SAVE': 'a screen save',
  CSAPARALLEL: 'a reformatted image',
  'T1 MAP': 'a T1 map',
  'T2 MAP': 'a T2 map',
  PERFUSION: 'a perfusion map',
  ENHANCED: 'an enhanced image',
};

/**
 * Guesses the contrast: what kind of image it is first, then physics (TE, TR, TI, sequence), then the words
 * of the description; where physics and words disagree, physics counts and the words are mentioned.
 */
export function guessContrast(facts: AcquisitionFacts): ContrastGuess {
  if (facts.modality !== 'MR') {
    return { name: 'unknown', why: `not an MR image (modality ${facts.modality || 'not given'})` };
  }
  const words = contrastWords(`${facts.seriesDescription} ${facts.protocolName}`);
  const description = facts.seriesDescription || facts.protocolName;
  const special = specialKind(facts, words.kinds, description);
  if (special !== undefined) return special;

  const physics = guessByPhysics(facts);
  const byWords = words.contrasts[0];
  if (physics === undefined) {
    return byWords === undefined
      ? { name: 'unknown', why: unknownWhy(facts, description) }
      : withModifiers({ name: byWords, why: `by the description “${description}” alone` }, facts, words);
  }
  if (physics.name === 'unknown') return physics;
  const agreement =
    byWords === undefined
      ? ''
      : words.contrasts.some((name) => base(name) === base(physics.name))
        ? `, and the description “${description}” agrees`
        : `, although the description “${description}” suggests ${contrastLabel(byWords)}`;
  return withModifiers({ name: physics.name, why: physics.why + agreement }, facts, words);
}

/** A contrast's name as people write it. */
export function contrastLabel(name: ContrastName): string {
  const labels: Partial<Record<ContrastName, string>> = {
    t1c: 'T1 with contrast agent',
    'fs-pd': 'fat-suppressed PD',
    'fs-t2': 'fat-suppressed T2',
    dwi: 'diffusion',
    localizer: 'localiser',
    derived: 'derived image',
    unknown: 'unknown contrast',
  };
  return labels[name] ?? name.toUpperCase();
}

type Kinds = ReturnType<typeof contrastWords>['kinds'];

/** Images that are no plain anatomical contrast, whatever their timing. */
function specialKind(facts: AcquisitionFacts, kinds: Kinds, description: string): ContrastGuess | undefined {
  const { imageType } = facts;
  const quoted = `the description “${description}”`;
  if (imageType.some((value) => value.startsWith('LOCALI'))) {
    return { name: 'localizer', why: 'Image Type says localiser' };
  }
  for (const value of imageType.slice(1)) {
    const what = DERIVED_TYPES[value];
    // Some old scanners write ORIGINAL\PRIMARY\MPR on plain slices.
    if (value === 'MPR' && imageType[0] === 'ORIGINAL') continue;
    if (what !== undefined) return { name: 'derived', why: `Image Type says ${what}` };
  }
  if (imageType[0] === 'DERIVED' && imageType[1] === 'SECONDARY') {
    return { name: 'derived', why: 'Image Type says derived from other images after the examination' };
  }
  if (facts.diffusionBValue !== undefined && facts.diffusionBValue > 0) {
    return { name: 'dwi', why: `diffusion-weighted with b = ${facts.diffusionBValue} s/mm²` };
  }
  if (imageType.includes('DIFFUSION')) return { name: 'dwi', why: 'Image Type says diffusion' };
  if (facts.scanningSequence.includes('EP') && /(^|[^a-z])b\d+/i.test(facts.sequenceName)) {
    return { name: 'dwi', why: `the sequence name (${facts.sequenceName}) gives a b-value` };
  }
  // An original image is not derived whatever it is called ("mpr" often abbreviates MPRAGE).
  if (kinds.derived && imageType[0] !== 'ORIGINAL') return { name: 'derived', why: `by ${quoted}` };
  if (kinds.localizer) return { name: 'localizer', why: `by ${quoted}` };
  const phase = imageType
    .slice(2)
    .find((value) => ['P', 'PHASE', 'PHASE MAP', 'R', 'I', 'VELOCITY'].includes(value));
  const map = imageKind(imageType, undefined).kind;
  if (isMap(map)) return { name: 'derived', why: `Image Type says ${map}` };
  if (phase !== undefined)
    return { name: 'unknown', setAside: true, why: `not a magnitude image (Image Type says ${phase})` };
  if (kinds.diffusion) return { name: 'dwi', why: `by ${quoted}` };
  if (kinds.susceptibility || imageType.includes('SWI')) {
    return { name: 'swi', why: imageType.includes('SWI') ? 'Image Type says SWI' : `by ${quoted}` };
  }
  if (facts.angiography || kinds.angiography) {
    return { name: 'unknown', setAside: true, why: 'an angiography, which shows flow more than tissue' };
  }
  if (kinds.fieldMap) return { name: 'unknown', setAside: true, why: `a field map, by ${quoted}` };
  if (kinds.functional)
    return { name: 'unknown', setAside: true, why: `a functional or perfusion series, by ${quoted}` };
  return undefined;
}

/** Contrast agent and fat suppression. */
function withModifiers(
  guess: ContrastGuess,
  facts: AcquisitionFacts,
  words: ReturnType<typeof contrastWords>,
): ContrastGuess {
  const { name, why } = guess;
  if (name === 't1' || name === 't1c') {
    const agent = /^(no|none|n|0|without.*)?$/i.test(facts.contrastAgent.trim()) ? '' : facts.contrastAgent;
    if (agent !== '') return { name: 't1c', why: `${why}; contrast agent given (${agent})` };
    if (words.agent && !words.noAgent)
      return { name: 't1c', why: `${why}; the description names a contrast agent` };
    return { name: 't1', why };
  }
  if (name === 'pd' || name === 't2' || name === 'fs-pd' || name === 'fs-t2') {
    const option = facts.scanOptions.find((value) => /^(FS|SFS|FATSAT|FAT_SAT)$/i.test(value));
    if (option !== undefined || words.fatSuppressed) {
      const how = option === undefined ? 'by the description' : `Scan Options ${option}`;
      return { name: base(name) === 'pd' ? 'fs-pd' : 'fs-t2', why: `${why}; fat suppressed (${how})` };
    }
  }
  return guess;
}

function base(name: ContrastName): ContrastName {
  if (name === 't1c') return 't1';
  if (name === 'fs-pd') return 'pd';
  return name === 'fs-t2' ? 't2' : name;
}

function unknownWhy(facts: AcquisitionFacts, description: string): string {
  const known = facts.echoTimeMs !== undefined || facts.repetitionTimeMs !== undefined;
  const timing = known
    ? `its timing (${timesOf(facts)}) fits none of the contrasts`
    : 'it states no TE and TR';
  return `${timing}, and ${description === '' ? 'there is no description' : `the description “${description}” names none`}`;
}
