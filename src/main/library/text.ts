/** Text as it is looked for: small letters, no accents, names without DICOM's `^` and `=`. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[\^=\s]+/g, ' ')
    .trim();
}

/** Words of a search, each as a pattern of SQL's LIKE with `\` as its escape. */
export function patternsOf(text: string): string[] {
  return folded(text)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`);
}
