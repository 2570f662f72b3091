import { type ReactNode, useMemo } from 'react';
import { type Block, type Inline, parseMarkdown } from './markdown.ts';

/** A text in Markdown, as elements: what is in it can only become words. */
export function Markdown({ source }: { readonly source: string }): ReactNode {
  const blocks = useMemo(() => parseMarkdown(source), [source]);
  return (
    <div className="markdown small">
      {blocks.map((block, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text never change places
        <BlockElement key={n} block={block} />
      ))}
    </div>
  );
}

function BlockElement({ block }: { readonly block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading':
      return (
        <p className={`markdown-heading level-${block.level}`}>
          <Words content={block.content} />
        </p>
      );
    case 'paragraph':
      return (
        <p>
          <Words content={block.content} />
        </p>
      );
    case 'list':
      return (
        <ul className="reasons">
          {block.items.map((item, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <li key={n}>
              <Words content={item} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keys
        <div className="table-scroll" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <th key={n} scope="col">
                    <Words content={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, r) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <tr key={r}>
                  {row.map((cell, n) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: as above
                    <td key={n}>
                      <Words content={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function Words({ content }: { readonly content: readonly Inline[] }): ReactNode {
  return content.map(({ kind, text }, n) => {
    const key = `${n} ${kind}`;
    if (kind === 'strong') return <strong key={key}>{text}</strong>;
    if (kind === 'em') return <em key={key}>{text}</em>;
    if (kind === 'code')
      return (
        <code key={key} className="mono">
          {text}
        </code>
      );
    return <span key={key}>{text}</span>;
  });
}
