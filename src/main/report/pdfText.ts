/** What Roboto as it comes with pdfmake draws, in both weights; read from its character maps. */
const DRAWN =
  /[\u0020-\u007e\u00a0-\u017f\u0192\u0218-\u021b\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u0486\u0488-\u0513\u1ea0-\u1ef9\u2000-\u200b\u2010\u2011\u2013-\u2015\u2017-\u201e\u2020-\u2022\u2025-\u2027\u2030\u2032\u2033\u2039\u203a\u2044\u2070\u2074-\u208e\u20ac\u2122\u2126\u2202\u2206\u220f\u2211\u2212\u221a\u221e\u222b\u2248\u2260\u2264\u2265]/u;

const ARROWS: Readonly<Record<string, string>> = { '←': '<–', '→': '–>' };

/**
 * Words as the font of our PDFs can draw them: a character that it lacks would be an empty box, and stands as its code
 * point instead (`[U+6F22]`); arrows are made of other signs.
 */
export function pdfText(words: string): string {
  return [...words.normalize('NFC')]
    .map((letter) =>
      DRAWN.test(letter)
        ? letter
        : (ARROWS[letter] ?? `[U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`),
    )
    .join('');
}
