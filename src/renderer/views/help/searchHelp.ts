import type { HelpPage, HelpTopic } from '../../text/helpPages.ts';

/** The topics whose page has every word, those with one in their title first; all where nothing is asked. */
export function searchHelp(asked: string, pages: Readonly<Record<HelpTopic, HelpPage>>): HelpTopic[] {
  const words = fold(asked)
    .split(/\s+/)
    .filter((word) => word !== '');
  const topics = Object.keys(pages) as HelpTopic[];
  const found = topics.filter((topic) => {
    const all = fold([pages[topic].title, ...pages[topic].paragraphs].join(' '));
    return words.every((word) => all.includes(word));
  });
  const inTitle = (topic: HelpTopic): number =>
    words.filter((word) => fold(pages[topic].title).includes(word)).length;
  return [...found].sort((a, b) => inTitle(b) - inTitle(a));
}

function fold(words: string): string {
  return words.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
