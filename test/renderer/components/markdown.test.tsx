// @vitest-environment jsdom

import { readFileSync } from 'node:fs';
import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Markdown } from '../../../src/renderer/components/Markdown.tsx';
import { parseInline, parseMarkdown } from '../../../src/renderer/components/markdown.ts';

const card = readFileSync('models/glmamba-x2/card.md', 'utf8');

describe('Markdown of a card', () => {
  it('becomes headings, paragraphs, lists and tables', () => {
    const blocks = parseMarkdown(
      '# A\n\nOne\ntwo **three**\n\n- x\n- `y`\n\n| a | b |\n| --- | --- |\n| 1 | 2\\|3 |\nend',
    );
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'table', 'paragraph']);
    expect(blocks[1]).toEqual({
      kind: 'paragraph',
      content: [
        { kind: 'text', text: 'One two ' },
        { kind: 'strong', text: 'three' },
      ],
    });
    expect(blocks[3]).toMatchObject({ rows: [[[{ text: '1' }], [{ text: '2|3' }]]] });
  });

  it('holds no pictures and no addresses, and says the words of a link', () => {
    expect(parseInline('![curves](curves.svg) see [this](http://example.org/x)')).toEqual([
      { kind: 'text', text: 'see this' },
    ]);
  });

  it('never becomes elements of its own, whatever a card says', () => {
    const { container } = render(
      <Markdown source={'# <img src=x onerror=alert(1)>\n\n<script>alert(2)</script> **<b>bold</b>**'} />,
    );
    expect(container.querySelector('img, script, b')).toBeNull();
    expect(container.textContent).toContain('<script>alert(2)</script>');
    expect(container.querySelector('strong')?.textContent).toBe('<b>bold</b>');
  });

  it('reads a whole card: every table of it, every number', () => {
    const { container } = render(<Markdown source={card} />);
    expect(container.querySelectorAll('table').length).toBe((card.match(/^\| ---/gm) ?? []).length);
    expect(container.textContent).toContain('36.62 ± 2.52');
    expect(container.textContent).not.toContain('**');
    expect(container.textContent).not.toContain('](');
  });
});
