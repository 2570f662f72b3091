/**
 * Takes out of a text for an issue what could say who a patient is or where files lie: known names, what stands
 * in quotation marks, paths and addresses, UIDs, DICOM person names, long numbers. Rather too much than too little.
 *
 * @param names of patients, studies, users and machines; each of their words of two letters or more is taken out
 *   wherever it stands as a word
 */
export function redact(told: string, names: Iterable<string> = []): string {
  const words = [...new Set([...names].flatMap(wordsOf))].sort((a, b) => b.length - a.length);
  const known =
    words.length === 0
      ? undefined
      : new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  return told
    .split('\n')
    .map((line) => {
      const plain = line
        .replaceAll(/“[^”]*”|„[^“]*“|"[^"]*"|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])|‘[^’]*’/gu, '“…”')
        .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '<address>')
        // From the first to the last of what looks like one: names of folders have blanks.
        .replaceAll(/(?:[A-Za-z]:)?[^\s“(]*[\\/](?:.*[\\/])?[^\s”),;]*/g, '<path>')
        .replaceAll(/[^\s“(,;]*\^[^\s”),;]*/g, '<name>')
        .replaceAll(/\b\d+(?:\.\d+){3,}\b/g, '<uid>')
        .replaceAll(/[^\s“(]+@[^\s”),;]+/g, '<address>')
        .replaceAll(/\d{5,}/g, '<number>');
      return known === undefined ? plain : plain.replaceAll(known, '<name>');
    })
    .join('\n');
}

function wordsOf(name: string): string[] {
  return name.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= 2);
}

function escaped(word: string): string {
  return word.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
}
