import type { Code } from '../derived/codes.ts';
import type { ConfidentialityRow, OptionLetter } from './confidentialityTable.ts';

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });

/** PS3.16, CID 7050: the profile, which is always applied, and the options that can be. */
export const BASIC_PROFILE = dcm('113100', 'Basic Application Confidentiality Profile');
export const OPTION_CODES = {
  'retain-uids': dcm('113110', 'Retain UIDs Option'),
  'retain-device': dcm('113109', 'Retain Device Identity Option'),
  'retain-institution': dcm('113112', 'Retain Institution Identity Option'),
  'retain-patient': dcm('113108', 'Retain Patient Characteristics Option'),
  'retain-dates': dcm('113106', 'Retain Longitudinal Temporal Information Full Dates Option'),
  'shift-dates': dcm('113107', 'Retain Longitudinal Temporal Information Modified Dates Option'),
  'clean-descriptors': dcm('113105', 'Clean Descriptors Option'),
  'clean-structured-content': dcm('113104', 'Clean Structured Content Option'),
  'clean-graphics': dcm('113103', 'Clean Graphics Option'),
  'retain-safe-private': dcm('113111', 'Retain Safe Private Option'),
} as const satisfies Readonly<Record<string, Code>>;

export type DeidentifyOption = keyof typeof OPTION_CODES;
export const DEIDENTIFY_OPTIONS = Object.keys(OPTION_CODES) as [DeidentifyOption, ...DeidentifyOption[]];

/** What an option does to the rows that have its letter. */
const EFFECT: Readonly<Record<OptionLetter, readonly (readonly [DeidentifyOption, 'keep' | 'clean'])[]>> = {
  u: [['retain-uids', 'keep']],
  v: [['retain-device', 'keep']],
  V: [['retain-device', 'clean']],
  i: [['retain-institution', 'keep']],
  p: [['retain-patient', 'keep']],
  P: [['retain-patient', 'clean']],
  d: [
    ['retain-dates', 'keep'],
    ['shift-dates', 'clean'],
  ],
  c: [['clean-descriptors', 'clean']],
  s: [['clean-structured-content', 'clean']],
  g: [['clean-graphics', 'clean']],
  r: [['retain-safe-private', 'clean']],
};

/**
 * What the chosen options make of a row: `keep`, `clean`, or undefined where the basic profile stands. Where
 * two of them differ, to clean counts: a date of the device is shifted with all the others.
 */
export function optionEffect(
  row: ConfidentialityRow,
  options: ReadonlySet<DeidentifyOption>,
): 'keep' | 'clean' | undefined {
  const effects = row.options.flatMap((letter) =>
    EFFECT[letter].filter(([option]) => options.has(option)).map(([, effect]) => effect),
  );
  return effects.includes('clean') ? 'clean' : effects[0];
}
