import type { Finder } from '../layouts.ts';
import { findNamed, type NamingRule } from './namedFiles.ts';

/** `BraTS-GLI-00005-100-t1n.nii.gz` (2023 and later): cohort, patient, timepoint, contrast. */
const SINCE_2023 = /^(BraTS-([A-Za-z]+)-(\d+)(?:-\d+)?)-(t1n|t1c|t2w|t2f|seg)\.nii(?:\.gz)?$/i;
/** `BraTS2021_00000_t1ce.nii.gz`, `BraTS20_Training_001_…`, `Brats18_CBICA_AAB_1_…` (2017 to 2021). */
const UNTIL_2021 = /^(BraTS(17|18|19|20|2021)_(\w+?))_(t1|t1ce|t2|flair|seg)\.nii(?:\.gz)?$/i;

/** The collection's names of contrasts that are not the workstation's. */
const CONTRASTS: Readonly<Record<string, string>> = {
  t1n: 't1',
  t1ce: 't1c',
  t1gd: 't1c',
  t2w: 't2',
  t2f: 'flair',
};

/**
 * The names of BraTS. A patient is named without the year of the release where releases share the name, so
 * that one who is in two of them is not on both sides of a split: 2017 to 2019 kept theirs (`CBICA_AAB`), and
 * the gliomas of 2023 are those of 2021 (`GLI-00005`). The year 2020 counted anew and says no more.
 */
export const bratsNames: NamingRule = {
  layout: 'brats',
  title: 'BraTS',
  parse: (fileName) => {
    const late = SINCE_2023.exec(fileName);
    if (late !== null) {
      const [, name = '', cohort = '', number = '', contrast = ''] = late;
      return { name, patient: `${cohort}-${number}`, contrast: contrastOf(contrast) };
    }
    const early = UNTIL_2021.exec(fileName);
    if (early === null) return undefined;
    const [, name = '', year = '', rest = '', contrast = ''] = early;
    return { name, patient: patientOf(year, rest, name), contrast: contrastOf(contrast) };
  },
  contrast: contrastOf,
};

/** The scans of BraTS, which its makers registered, resampled to 1 mm and stripped of the skull. */
export const findBrats: Finder = (folders, contrasts, job) => findNamed(bratsNames, folders, contrasts, job);

function contrastOf(name: string): string {
  return CONTRASTS[name.toLowerCase()] ?? name.toLowerCase();
}

function patientOf(year: string, rest: string, name: string): string {
  if (year === '2021') return `GLI-${rest}`;
  return year === '20' ? name : rest.replace(/_\d+$/, '');
}
