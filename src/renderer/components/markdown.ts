/** The little of Markdown that model cards are written in, as data: nothing of it is ever taken for HTML. */

export type Inline = { readonly kind: 'text' | 'strong' | 'em' | 'code'; readonly text: string };

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly content: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    };

/** Blocks of a text: headings, paragraphs, lists of one level and tables. Pictures are left out, links are words. */
export function parseMarkdown(source: string): Block[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let n = 0;
  const isTable = (at: number): boolean =>
    /^\s*\|/.test(lines[at] ?? '') && /^\s*\|[\s:|-]+\|\s*$/.test(lines[at + 1] ?? '');
  while (n < lines.length) {
    const line = lines[n]!;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.trim() === '') n++;
    else if (heading !== null) {
      const level = Math.min(3, heading[1]!.length) as 1 | 2 | 3;
      blocks.push({ kind: 'heading', level, content: parseInline(heading[2]!) });
      n++;
    } else if (isTable(n)) {
      const head = cells(line);
      const rows: (readonly Inline[])[][] = [];
      for (n += 2; /^\s*\|/.test(lines[n] ?? ''); n++) rows.push(cells(lines[n]!));
      blocks.push({ kind: 'table', head, rows });
    } else if (/^[-*]\s+/.test(line)) {
      const items: Inline[][] = [];
      for (; /^[-*]\s+/.test(lines[n] ?? ''); n++) items.push(parseInline(lines[n]!.replace(/^[-*]\s+/, '')));
      blocks.push({ kind: 'list', items });
    } else {
      const words: string[] = [];
      for (; n < lines.length && lines[n]!.trim() !== '' && !/^(#{1,6}\s|[-*]\s)/.test(lines[n]!); n++) {
        if (words.length > 0 && isTable(n)) break;
        words.push(lines[n]!.trim());
      }
      const content = parseInline(words.join(' '));
      if (content.length > 0) blocks.push({ kind: 'paragraph', content });
    }
  }
  return blocks;
}

function cells(line: string): Inline[][] {
  return line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => parseInline(cell.trim().replaceAll('\\|', '|')));
}

/** Strong, emphasised and code words; everything else as it stands. */
export function parseInline(source: string): Inline[] {
  const words = source
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim();
  const parts: Inline[] = [];
  let rest = words;
  while (rest !== '') {
    const match = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/.exec(rest);
    if (match === null) {
      parts.push({ kind: 'text', text: rest });
      break;
    }
    if (match.index > 0) parts.push({ kind: 'text', text: rest.slice(0, match.index) });
    const [whole, code, strong, em] = match;
    parts.push(
      code !== undefined
        ? { kind: 'code', text: code }
        : strong !== undefined
          ? { kind: 'strong', text: strong }
          : { kind: 'em', text: em! },
    );
    rest = rest.slice(match.index + whole.length);
  }
  return parts;
}
