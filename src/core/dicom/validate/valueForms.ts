/** Forms and lengths of values by their value representation (PS3.5, section 6.2, table 6.2-1). */

const TEXT_VRS: ReadonlySet<string> = new Set(
  'AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT'.split(' '),
);

export function isTextVr(vr: string): boolean {
  return TEXT_VRS.has(vr);
}

/** Text that is one value whatever backslashes it holds. */
const SINGLE: ReadonlySet<string> = new Set(['LT', 'ST', 'UR', 'UT']);

/** Whether a backslash separates values of this VR. */
export function isMultiValued(vr: string): boolean {
  return TEXT_VRS.has(vr) && !SINGLE.has(vr);
}

/** Text in the object's own character set; all other text is of the default repertoire. */
const IN_CHARACTER_SET: ReadonlySet<string> = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);

export function usesCharacterSet(vr: string): boolean {
  return IN_CHARACTER_SET.has(vr);
}

/** Bytes of one value of a binary VR. */
export const VALUE_BYTES: Readonly<Record<string, number>> = {
  ...{ AT: 4, FD: 8, FL: 4, SL: 4, SS: 2, SV: 8, UL: 4, US: 2, UV: 8 },
  ...{ OD: 8, OF: 4, OL: 4, OV: 8, OW: 2 },
};

/** Longest value in characters. */
const LONGEST: Readonly<Record<string, number>> = {
  ...{ AE: 16, CS: 16, DS: 16, IS: 12, LO: 64, LT: 10_240, SH: 16, ST: 1024, UI: 64, DT: 26, TM: 14 },
};
const LONGEST_NAME_GROUP = 64;

const FORMS: Readonly<Record<string, { readonly form: RegExp; readonly words: string }>> = {
  AE: { form: /^[ -[\]-~]*$/, words: 'an AE title has printable ASCII and no backslash' },
  AS: { form: /^\d{3}[DWMY]$/, words: 'an age is three digits and D, W, M or Y' },
  CS: { form: /^[A-Z0-9_ ]*$/, words: 'a code string has capitals, digits, blanks and underscores only' },
  DS: {
    form: /^ *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *$/,
    words: 'a decimal string is a number such as -1.5 or 2e-3',
  },
  DT: {
    form: /^\d{4}(0[1-9]|1[0-2])?((?<=\d{6})(0[1-9]|[12]\d|3[01]))?((?<=\d{8})([01]\d|2[0-3])([0-5]\d([0-5]\d|60)?)?(\.\d{1,6})?)?([+-]\d{4})? *$/,
    words: 'a date and time is YYYYMMDDHHMMSS.FFFFFF&ZZXX, cut from the right',
  },
  IS: { form: /^ *[+-]?\d+ *$/, words: 'an integer string is a whole number' },
  TM: {
    form: /^([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)? *$/,
    words: 'a time is HHMMSS.FFFFFF, cut from the right',
  },
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u001a\u001c-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; tab, line feed, form feed and return are text
const CONTROLS_IN_TEXT = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/;

/**
 * What is wrong with one value of a text VR, in words; undefined where nothing is.
 * @param value decoded, without the padding at its end; an empty one is never wrong
 */
export function faultOf(vr: string, value: string): string | undefined {
  if (value === '') return undefined;
  const controls = vr === 'ST' || vr === 'LT' || vr === 'UT' ? CONTROLS_IN_TEXT : CONTROLS;
  if (controls.test(value)) return 'it holds control characters';
  const longest = LONGEST[vr];
  const length = [...value].length;
  if (longest !== undefined && length > longest) return `it has ${length} characters of at most ${longest}`;
  const form = FORMS[vr];
  if (form !== undefined && !form.form.test(value)) return form.words;
  if (vr === 'DA') return faultOfDate(value);
  if (vr === 'IS' && Math.abs(Number(value)) > 2 ** 31) return 'it does not fit 32 bits';
  if (vr === 'PN') return faultOfName(value);
  return undefined;
}

function faultOfDate(value: string): string | undefined {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d) *$/.exec(value) ?? [];
  if (year === undefined) return 'a date is YYYYMMDD';
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists ? undefined : 'there is no such day';
}

function faultOfName(value: string): string | undefined {
  const groups = value.split('=');
  if (groups.length > 3) return 'a name has at most three component groups';
  if (groups.some((group) => group.split('^').length > 5)) return 'a name has at most five components';
  const longest = Math.max(...groups.map((group) => [...group].length));
  return longest > LONGEST_NAME_GROUP
    ? `a component group has ${longest} characters of at most ${LONGEST_NAME_GROUP}`
    : undefined;
}

const UID = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/;
const LONGEST_UUID = 2n ** 128n;

/** What is wrong with a UID, in words; undefined where it is well formed (PS3.5, section 9 and annex B). */
export function faultOfUid(uid: string): string | undefined {
  if (uid.length > 64) return `it has ${uid.length} characters of at most 64`;
  if (!UID.test(uid)) return 'a UID is numbers with dots between, none with a zero before it';
  const [root, second] = uid.split('.');
  if (Number(root) > 2 || (Number(root) < 2 && Number(second) > 39)) return 'its root does not exist';
  const uuid = /^2\.25\.(\d+)$/.exec(uid)?.[1];
  if (uuid !== undefined && BigInt(uuid) >= LONGEST_UUID) return 'it is no UUID: the number is too large';
  return undefined;
}

/** `2-n`, `3-3n`, `1-32` as a test of a number of values; undefined where it is not understood. */
export function fitsMultiplicity(vm: string, count: number): boolean | undefined {
  const [, low, high, step] = /^(\d+)(?:-(\d+)?(n)?)?$/.exec(vm) ?? [];
  if (low === undefined) return undefined;
  const least = Number(low);
  if (count < least) return false;
  if (step !== undefined) return high === undefined ? true : count % Number(high) === 0;
  return high === undefined ? count === least : count <= Number(high);
}
