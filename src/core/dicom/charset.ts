/**
 * Text by Specific Character Set (0008,0005): PS3.3, section C.12.1.1.2, and PS3.5, section 6.1. Single
 * character sets, ISO 2022 code extensions and the multi-byte sets without extensions are decoded with the
 * platform's own tables; what none of them knows is read as Latin-1, so that no text is lost in silence.
 */

const SINGLE: Readonly<Record<string, string>> = {
  '': 'latin1',
  'ISO_IR 6': 'latin1',
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** JIS X 0212, of whose codes the platform knows only the form of EUC-JP. */
const JIS_X_0212 = 'jis-x-0212';

/** While one of these is in force, a byte that looks like a delimiter is half a character. */
const HIDES_ASCII: ReadonlySet<string> = new Set(['iso-2022-jp', JIS_X_0212]);

/** Escape sequences (after ESC, as Latin-1) that announce a set, and how the bytes after them are read. */
const ESCAPES: readonly {
  readonly sequence: string;
  readonly label: string;
  readonly keepEscape?: boolean;
}[] = [
  { sequence: '(B', label: 'latin1' },
  { sequence: '-A', label: 'latin1' },
  { sequence: '-B', label: 'iso-8859-2' },
  { sequence: '-C', label: 'iso-8859-3' },
  { sequence: '-D', label: 'iso-8859-4' },
  { sequence: '-L', label: 'iso-8859-5' },
  { sequence: '-G', label: 'iso-8859-6' },
  { sequence: '-F', label: 'iso-8859-7' },
  { sequence: '-H', label: 'iso-8859-8' },
  { sequence: '-M', label: 'windows-1254' },
  { sequence: '-b', label: 'iso-8859-15' },
  { sequence: '-T', label: 'windows-874' },
  { sequence: '(J', label: 'shift_jis' },
  { sequence: ')I', label: 'shift_jis' },
  { sequence: '$B', label: 'iso-2022-jp', keepEscape: true },
  { sequence: '$@', label: 'iso-2022-jp', keepEscape: true },
  { sequence: '$(D', label: JIS_X_0212 },
  { sequence: '$)C', label: 'euc-kr' },
  { sequence: '$)A', label: 'gb18030' },
];

const ESC = 0x1b;

/**
 * The text of an element's bytes.
 * @param characterSets values of Specific Character Set; none means the default repertoire
 */
export function decodeText(bytes: Uint8Array, characterSets: readonly string[]): string {
  const first = singleSetOf(characterSets[0] ?? '');
  if (!bytes.includes(ESC)) return decodeWith(first, bytes);
  let text = '';
  let label = first;
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== ESC) {
      // A delimiter brings back the first set (PS3.5, 6.1.2.5.3).
      const isDelimiter = bytes[at] === 0x5e || bytes[at] === 0x3d || bytes[at] === 0x5c;
      if (isDelimiter && label !== first && !HIDES_ASCII.has(label)) {
        text += decodeWith(label, bytes.subarray(start, at));
        label = first;
        start = at;
      }
      continue;
    }
    const found = escapeAt(bytes, at + 1);
    if (found === undefined) continue;
    text += decodeWith(label, bytes.subarray(start, at));
    label = found.label;
    start = found.keepEscape === true ? at : at + 1 + found.sequence.length;
    at += found.sequence.length;
  }
  return text + decodeWith(label, bytes.subarray(start));
}

function escapeAt(bytes: Uint8Array, at: number) {
  return ESCAPES.find(({ sequence }) =>
    [...sequence].every((character, n) => bytes[at + n] === character.charCodeAt(0)),
  );
}

function singleSetOf(name: string): string {
  const key = name
    .trim()
    .toUpperCase()
    .replace(/^ISO[ _]2022[ _]IR[ _]/, 'ISO_IR ')
    .replace(/^ISO[ _-]IR[ _-]/, 'ISO_IR ');
  return SINGLE[key] ?? 'latin1';
}

const decoders = new Map<string, TextDecoder>();

function decodeWith(label: string, bytes: Uint8Array): string {
  if (label === JIS_X_0212) return decodeWith('euc-jp', eucOfJis0212(bytes));
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    decoder = new TextDecoder(label);
    decoders.set(label, decoder);
  }
  return decoder.decode(bytes);
}

function eucOfJis0212(bytes: Uint8Array): Uint8Array {
  const euc: number[] = [];
  for (let n = 0; n < bytes.length; n++) {
    if (bytes[n]! < 0x21 || n + 1 === bytes.length) euc.push(bytes[n]!);
    else euc.push(0x8f, bytes[n]! | 0x80, bytes[++n]! | 0x80);
  }
  return Uint8Array.from(euc);
}

/** Text fit for a line on a screen: control characters gone, at most `limit` characters. */
export function displayText(text: string, limit = 256): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  const clean = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
