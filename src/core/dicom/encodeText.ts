import { decodeText } from './charset.ts';

/**
 * Text in a Specific Character Set (0008,0005), the other way round than `decodeText`: PS3.3, C.12.1.1.2; PS3.5,
 * 6.1.2.4 and 6.1.2.5. Tables come from the platform's decoders, turned round.
 */

/** A set by its value without `ISO_IR` or `ISO 2022 IR`: what announces it, and whose bytes it has. */
interface EncodedSet {
  /** After ESC, where it is one of several. */
  readonly escape: string;
  /** G0 codes have their high bit clear and hide ASCII; G1 codes have it set, and ASCII stays beside them. */
  readonly half: 'G0' | 'G1';
  readonly width: 1 | 2;
  readonly label: string;
  /** Lead byte that the label's encoding has before each code, and DICOM has not. */
  readonly lead?: number;
}

const one = (announced: string, label: string): EncodedSet => ({
  escape: announced,
  half: 'G1',
  width: 1,
  label,
});
const SETS: Readonly<Record<string, EncodedSet>> = {
  '100': one('-A', 'iso-8859-1'),
  '101': one('-B', 'iso-8859-2'),
  '109': one('-C', 'iso-8859-3'),
  '110': one('-D', 'iso-8859-4'),
  '144': one('-L', 'iso-8859-5'),
  '127': one('-G', 'iso-8859-6'),
  '126': one('-F', 'iso-8859-7'),
  '138': one('-H', 'iso-8859-8'),
  '148': one('-M', 'windows-1254'),
  '203': one('-b', 'iso-8859-15'),
  '166': one('-T', 'windows-874'),
  '13': one(')I', 'shift_jis'),
  '87': { escape: '$B', half: 'G0', width: 2, label: 'euc-jp' },
  '159': { escape: '$(D', half: 'G0', width: 2, label: 'euc-jp', lead: 0x8f },
  '149': { escape: '$)C', half: 'G1', width: 2, label: 'euc-kr' },
  '58': { escape: '$)A', half: 'G1', width: 2, label: 'gb18030' },
};
const FIRST_G1 = 0xa1;
const LAST_G1 = 0xfe;
const ESC = 0x1b;

/**
 * The bytes of a text in these character sets; undefined where they cannot say it. What is given says the same
 * text to `decodeText`.
 *
 * @param characterSets values of Specific Character Set; none means ASCII alone
 */
export function encodeText(text: string, characterSets: readonly string[]): Uint8Array | undefined {
  if (isAscii(text)) return Uint8Array.from(text, (character) => character.charCodeAt(0));
  const [first = '', ...others] = characterSets.map((name) => name.trim().toUpperCase());
  const bytes =
    first === 'ISO_IR 192'
      ? new TextEncoder().encode(text)
      : first === 'GB18030' || first === 'GBK'
        ? encodeGb(text)
        : encodeSets(text, first, others);
  return bytes !== undefined && decodeText(bytes, characterSets) === text ? bytes : undefined;
}

/** Whether a text is printable ASCII or ASCII's controls: the same in every character set. */
export function isAscii(text: string): boolean {
  for (let n = 0; n < text.length; n++) if (text.charCodeAt(n) > 0x7f) return false;
  return true;
}

/** Wherever one of these stands, the first set is in force again (PS3.5, 6.1.2.5.3). */
const DELIMITERS = /([\\^=\r\n\f\t])/;

function encodeSets(text: string, first: string, others: readonly string[]): Uint8Array | undefined {
  const initial = SETS[numberOf(first)];
  const sets = [initial, ...others.map((name) => SETS[numberOf(name)])].filter((set) => set !== undefined);
  const toAscii = numberOf(first) === '13' ? '(J' : '(B';
  const bytes: number[] = [];
  for (const piece of text.split(DELIMITERS)) {
    // Where the first set has no high half, nothing has been announced for it.
    let g1 = initial?.half === 'G1' ? initial : undefined;
    let g0: EncodedSet | undefined;
    for (const character of piece) {
      if (isAscii(character)) {
        if (g0 !== undefined) bytes.push(ESC, ...ascii(toAscii));
        g0 = undefined;
        bytes.push(character.charCodeAt(0));
        continue;
      }
      const set = sets.find((candidate) => tableOf(candidate).has(character));
      if (set === undefined) return undefined;
      if (set !== (set.half === 'G0' ? g0 : g1)) {
        bytes.push(ESC, ...ascii(set.escape));
        if (set.half === 'G0') g0 = set;
        else g1 = set;
      }
      const code = tableOf(set).get(character)!;
      for (const byte of code) bytes.push(set.half === 'G0' ? byte & 0x7f : byte);
    }
    if (g0 !== undefined) bytes.push(ESC, ...ascii(toAscii));
  }
  return Uint8Array.from(bytes);
}

function numberOf(name: string): string {
  return /^ISO[ _](?:2022[ _])?IR[ _](\d+)$/.exec(name)?.[1] ?? '';
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

const tables = new Map<EncodedSet, ReadonlyMap<string, readonly number[]>>();

/** Codes of a set with their high bits set, by character. */
function tableOf(set: EncodedSet): ReadonlyMap<string, readonly number[]> {
  const known = tables.get(set);
  if (known !== undefined) return known;
  const codes = allCodes(
    set.width,
    set.width === 1 ? FIRST_G1 - 1 : FIRST_G1,
    set.width === 1 ? 0xff : LAST_G1,
  );
  const table = reversed(codes, set.label, set.lead);
  tables.set(set, table);
  return table;
}

function allCodes(width: 1 | 2, low: number, high: number): number[][] {
  const bytes = Array.from({ length: high - low + 1 }, (_, n) => low + n);
  return width === 1 ? bytes.map((byte) => [byte]) : bytes.flatMap((a) => bytes.map((b) => [a, b]));
}

function reversed(codes: readonly number[][], label: string, lead?: number): Map<string, readonly number[]> {
  const decoder = new TextDecoder(label);
  const table = new Map<string, readonly number[]>();
  for (const code of codes) {
    const character = decoder.decode(Uint8Array.from(lead === undefined ? code : [lead, ...code]));
    const isOne = [...character].length === 1 && character !== '\ufffd' && !isAscii(character);
    if (isOne && !table.has(character)) table.set(character, code);
  }
  return table;
}

let gb: ReadonlyMap<string, readonly number[]> | undefined;

/** GBK, which is GB 18030 as far as its codes of two bytes go. */
function encodeGb(text: string): Uint8Array | undefined {
  gb ??= reversed(allCodes(2, 0x40, 0xfe), 'gb18030');
  const bytes: number[] = [];
  for (const character of text) {
    const code = isAscii(character) ? [character.charCodeAt(0)] : gb.get(character);
    if (code === undefined) return undefined;
    for (const byte of code) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
