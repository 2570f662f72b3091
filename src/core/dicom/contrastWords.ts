import type { ContrastName } from '../contract/schemas.ts';

/** What the words of a description or a file name say about a contrast. */
export interface ContrastWords {
  /** Contrasts named, the most telling first. */
  readonly contrasts: readonly ContrastName[];
  readonly agent: boolean;
  readonly noAgent: boolean;
  readonly fatSuppressed: boolean;
  readonly kinds: {
    readonly localizer: boolean;
    readonly derived: boolean;
    readonly diffusion: boolean;
    readonly susceptibility: boolean;
    readonly angiography: boolean;
    readonly fieldMap: boolean;
    readonly functional: boolean;
    /** A mask, label map or segmentation. */
    readonly mask: boolean;
  };
}

/** In this order: a FLAIR is often called "T2 FLAIR", a STIR "T2 STIR". */
const CONTRASTS: readonly (readonly [ContrastName, RegExp])[] = [
  ['t1c', /^(t1c|t1ce|t1cw|t1gd|t1gad|t1post|t1km|cet1|cet1w|t1wce)$/],
  ['flair', /^(t2)?(flair|tirm|darkfluid|spaceflair|flairw)$/],
  ['stir', /^(t2)?stir$/],
  ['pd', /^(pd|pdw|proton|dp|pdfs|fspd)$/],
  ['t2', /^(3d)?(t2|t2w|t2fs|fst2|t2tse|t2fse|haste|t2wi)$/],
  ['t1', /^(3d)?(t1|t1w|t1wi|mprage|memprage|mp2rage|spgr|fspgr|bravo|vibe|tfl|t1tfe|t1tse|t1se|t1fs|fst1)$/],
];

const AGENT =
  /^(gd|gad|gado|gadolinium|dotarem|gadovist|magnevist|prohance|omniscan|post|postcontrast|km|ce|t1c|t1ce|t1gd|t1gad|t1post|t1km)$/;
const NO_AGENT = /^(pre|precontrast|nativ|native|without|ohne|sans|non)$/;
const FAT = /^(fs|fatsat|fsat|spair|spir|spectral|t2fs|t1fs|pdfs|fst2|fst1|fspd)$/;
const KINDS: readonly (readonly [keyof ContrastWords['kinds'], RegExp])[] = [
  ['localizer', /^(loc|localizer|localiser|scout|pilot|survey|plan|planscan|aahead|aahscout|3plane|3pl)$/],
  ['derived', /^(adc|eadc|fa|tracew|mip|minip|mnip|mpr|reformat|reformats|subtraction|screensave)$/],
  ['diffusion', /^(dwi|dti|diff|diffusion|resolve|hardi|noddi|trace)$/],
  ['susceptibility', /^(swi|swan|swip|venobold)$/],
  ['angiography', /^(tof|mra|mrv|angio|pca|cemra|twist)$/],
  ['fieldMap', /^(fieldmap|fmap|b0map|fieldmapping|b1map|b1)$/],
  ['functional', /^(bold|fmri|asl|pasl|pcasl|perf|perfusion|dsc|dce|rest|resting)$/],
  [
    'mask',
    /^(mask|brainmask|seg|segm|segmentation|aseg|dseg|probseg|label|labels|labelmap|lesion|lesions|tumou?r|roi|gt)$/,
  ],
];

/** Words are split at anything but letters and digits, and at changes from small to capital letters. */
export function contrastWords(text: string): ContrastWords {
  const spaced = text.replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  const words = [text, spaced].flatMap((version) => version.toLowerCase().split(/[^a-z0-9]+/));
  // "Field map", "dark fluid", "3 plane" and the like are written in two words as often as in one.
  const tokens = new Set([...words, ...words.slice(1).map((word, n) => `${words[n]}${word}`)]);
  tokens.delete('');
  const any = (pattern: RegExp): boolean => [...tokens].some((token) => pattern.test(token));
  const kinds = Object.fromEntries(KINDS.map(([kind, pattern]) => [kind, any(pattern)]));
  const named = CONTRASTS.filter(([, pattern]) => any(pattern)).map(([name]) => name);
  return {
    // "T1 FLAIR" is a T1.
    contrasts:
      named.includes('flair') && named.includes('t1') ? ['t1', ...named.filter((n) => n !== 't1')] : named,
    agent: any(AGENT) || /\+\s*(c|gd|gad|km|ce)\b/i.test(text),
    noAgent: any(NO_AGENT),
    fatSuppressed: any(FAT),
    kinds: kinds as unknown as ContrastWords['kinds'],
  };
}
