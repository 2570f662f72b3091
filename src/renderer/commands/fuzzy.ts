/** How far letters were matched and where; a higher score is a better match. */
export interface Match {
  readonly score: number;
  /** Indices of the matched letters. */
  readonly at: readonly number[];
}

const STARTS_WORD = 8;
const FOLLOWS = 5;
const LETTER = 1;
/** A skipped letter costs little, so that a short title goes before a long one. */
const SKIPPED = 0.05;

/**
 * Whether the letters of `typed` occur in `title` in their order, case and accents aside: beginnings of words and
 * runs count for more. Blanks in `typed` are skipped. Undefined where they do not occur.
 */
export function fuzzyMatch(typed: string, title: string): Match | undefined {
  const wanted = [...plain(typed).replaceAll(/\s/g, '')];
  const letters = [...plain(title)];
  if (wanted.length === 0) return { score: 0, at: [] };
  // best[i]: the best match of the letters so far that ends at title letter i.
  let best: (Match | undefined)[] = [];
  for (const [n, letter] of wanted.entries()) {
    const next: (Match | undefined)[] = [];
    let before: Match | undefined;
    for (const [i, own] of letters.entries()) {
      if (i >= 1) before = better(before, best[i - 1]);
      if (own !== letter || (n > 0 && before === undefined)) continue;
      const startsWord = i === 0 || !/[\p{L}\p{N}]/u.test(letters[i - 1] ?? '');
      const adjacent = n > 0 ? best[i - 1] : undefined;
      const worth = LETTER + (startsWord ? STARTS_WORD : 0);
      const run: Match | undefined = adjacent && {
        score: adjacent.score + worth + FOLLOWS,
        at: [...adjacent.at, i],
      };
      const jump: Match = { score: (before?.score ?? 0) + worth, at: [...(before?.at ?? []), i] };
      next[i] = better(jump, run);
    }
    best = next;
  }
  const found = best.reduce<Match | undefined>((a, b) => better(a, b), undefined);
  return found && { ...found, score: found.score - SKIPPED * (letters.length - wanted.length) };
}

function better(a: Match | undefined, b: Match | undefined): Match | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.score > a.score ? b : a;
}

// Letter by letter, so that indices stay those of the title.
function plain(words: string): string {
  return [...words].map((letter) => letter.normalize('NFD').charAt(0).toLowerCase().charAt(0)).join('');
}
