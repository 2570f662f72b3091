/**
 * Longest Series Description. LO holds 64 characters (PS3.5, section 6.2); many programs, validators among
 * them, count bytes, so that both are kept to.
 */
const LONGEST = 64;
const LONGEST_MODEL_NAME = 32;
const ESC = 0x1b;

/**
 * Series Description of an enhanced series: the source's text and ` [enhanced x2 <model> RUO]` (research use
 * only), with `CANDIDATE` or `RETIRED` before RUO where the model is that, at most 64 characters and 64 bytes; the source's part is cut, never the rest.
 *
 * @param source the source's value as it stands in the file, in the character sets named by `characterSets`;
 *   the answer is in the same ones.
 */
export function enhancedSeriesDescription(
  source: Uint8Array,
  characterSets: readonly string[],
  enhancement: { readonly scale: number; readonly model: string; readonly mark?: string | undefined },
): Uint8Array {
  const model = enhancement.model.replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?').slice(0, LONGEST_MODEL_NAME);
  const mark = enhancement.mark === undefined ? '' : ` ${enhancement.mark}`;
  const suffix = `[enhanced x${enhancement.scale} ${model}${mark} RUO]`;
  const room = LONGEST - suffix.length - 1;
  const kept = truncateText(trimmed(source), characterSets, room, room);
  const separator = kept.length === 0 ? '' : ' ';
  return Uint8Array.from([...kept, ...Array.from(separator + suffix, (c) => c.charCodeAt(0))]);
}

/**
 * At most `limit` characters of a text and at most `limitBytes` bytes, cut between characters of its
 * character set: UTF-8 and GB18030 by their lead bytes, ISO 2022 by its escape sequences (PS3.5, section
 * 6.1.2), all others byte by byte. Ends in the initial state, so that ASCII may follow.
 */
export function truncateText(
  bytes: Uint8Array,
  characterSets: readonly string[],
  limit: number,
  limitBytes = Number.POSITIVE_INFINITY,
): Uint8Array {
  const set = (characterSets[0] ?? '').trim();
  const toAscii = [ESC, 0x28, /IR 13$/.test(set) ? 0x4a : 0x42];
  let at = 0;
  let count = 0;
  let wideG0 = false;
  let wideG1 = false;
  let kept: readonly number[] = [];
  while (at < bytes.length && count < limit) {
    if (bytes[at] === ESC) {
      const announced = String.fromCharCode(...bytes.subarray(at + 1, at + 4));
      wideG0 = announced.startsWith('$B') || announced.startsWith('$@') || announced.startsWith('$(');
      if (announced.startsWith('$)')) wideG1 = true;
      else if (/^[-)]/.test(announced)) wideG1 = false;
      at += announced.startsWith('$(') || announced.startsWith('$)') ? 4 : 3;
      continue;
    }
    at += set === 'ISO_IR 192' ? utf8Length(bytes[at]!) : wideLength(bytes, at, set, wideG0, wideG1);
    count++;
    const upToHere = [...bytes.subarray(0, at), ...(wideG0 ? toAscii : [])];
    if (upToHere.length > limitBytes) break;
    kept = upToHere;
  }
  return Uint8Array.from(kept);
}

function utf8Length(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

function wideLength(bytes: Uint8Array, at: number, set: string, wideG0: boolean, wideG1: boolean): number {
  const lead = bytes[at]!;
  if (set === 'GB18030' || set === 'GBK') {
    if (lead < 0x81) return 1;
    const second = bytes[at + 1] ?? 0;
    return second >= 0x30 && second <= 0x39 ? 4 : 2;
  }
  return (wideG0 && lead < 0x80) || (wideG1 && lead >= 0xa1) ? 2 : 1;
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end--;
  return bytes.subarray(0, end);
}
