import type { ReportTable } from './tables.ts';

/** A table in columns for a terminal: text to the left, numbers to the right. */
export function textTable({ title, columns, textColumns, rows, notes }: ReportTable): string {
  const widths = columns.map((name, column) =>
    Math.max(width(name), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - width(cell));
        return column < textColumns ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd();
  return [title, line(columns), ...rows.map(line), ...notes.map((note) => `  ${note}`)].join('\n');
}

function width(text: string): number {
  return [...text].length;
}
