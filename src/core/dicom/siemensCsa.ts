/**
 * Siemens' CSA header (0029,xx10): a table of named values that the scanner writes into a private element,
 * little endian whatever the data set is. No standard describes it; the layout is as nibabel's
 * documentation and dcm2niix have worked it out. Anything that does not fit the layout ends the reading:
 * a broken header gives fewer values, never wrong ones.
 */

const MAX_TAGS = 1024;
const MAX_ITEMS = 4096;
const MAX_VALUES = 64;
const MAX_TEXT = 4096;
const NAME_BYTES = 64;
const TAG_BYTES = 84;
const CHECKS = new Set([77, 205]);

/** Values by name, trimmed; without those that are empty. */
export function readCsa(bytes: Uint8Array): ReadonlyMap<string, readonly string[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, readonly string[]>();
  const isSecondForm = text(bytes, 0, 4) === 'SV10';
  let at = isSecondForm ? 8 : 0;
  if (at + 8 > bytes.length) return found;
  const count = view.getUint32(at, true);
  if (count < 1 || count > MAX_TAGS) return found;
  at += 8;
  // In the first form, lengths are too large by the number of items of the first tag.
  let excess: number | undefined;
  for (let n = 0; n < count && at + TAG_BYTES <= bytes.length; n++) {
    const name = text(bytes, at, NAME_BYTES);
    const items = view.getUint32(at + 76, true);
    if (items > MAX_ITEMS || !CHECKS.has(view.getUint32(at + 80, true))) return found;
    excess ??= isSecondForm ? 0 : items;
    at += TAG_BYTES;
    const values: string[] = [];
    for (let item = 0; item < items; item++) {
      if (at + 16 > bytes.length) return found;
      const length = view.getUint32(at + (isSecondForm ? 4 : 0), true) - excess;
      at += 16;
      if (length < 0 && !isSecondForm) break;
      if (length < 0 || at + length > bytes.length) return found;
      const value = text(bytes, at, length).trim();
      if (value !== '' && values.length < MAX_VALUES) values.push(value);
      at += Math.ceil(length / 4) * 4;
    }
    if (name !== '' && values.length > 0) found.set(name, values);
  }
  return found;
}

/** The numbers of one value; undefined where it is absent or where any is no number. */
export function csaNumbers(
  csa: ReadonlyMap<string, readonly string[]>,
  name: string,
): readonly number[] | undefined {
  const values = csa.get(name)?.map(Number);
  return values?.every(Number.isFinite) ? values : undefined;
}

/** Up to the first NUL. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const end = bytes.subarray(at, at + length).indexOf(0);
  return String.fromCharCode(...bytes.subarray(at, at + Math.min(end < 0 ? length : end, MAX_TEXT)));
}
