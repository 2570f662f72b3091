import type { EvaluateResult } from '../../../core/contract/evaluation.ts';
import { dataTable, evaluationTables, failedTable, type ReportTable } from './tables.ts';
import { evaluationTitle, howMeasured } from './words.ts';

/** The report as Markdown: every table, what was read, how it was measured. */
export function evaluationMarkdown(result: EvaluateResult): string {
  const tables = [...evaluationTables(result), failedTable(result), dataTable(result.cases)];
  return [
    `# ${evaluationTitle(result)}`,
    result.notice,
    ...tables.filter(({ rows }) => rows.length > 0).map(markdownTable),
    ...(result.warnings.length > 0
      ? [`## Warnings\n${result.warnings.map((said) => `- ${escaped(said)}`).join('\n')}`]
      : []),
    `## How\n${howMeasured(result)
      .map((said) => `- ${escaped(said)}`)
      .join('\n')}`,
    '',
  ].join('\n\n');
}

/** One table under its title, its notes below it. */
export function markdownTable({ title, columns, textColumns, rows, notes }: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    `## ${escaped(title)}`,
    '',
    line(columns),
    `| ${columns.map((_, column) => (column < textColumns ? '---' : '---:')).join(' | ')} |`,
    ...rows.map(line),
    ...notes.flatMap((note) => ['', escaped(note)]),
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\|<>*_`[\]]/g, '\\$&').replaceAll(/\s*\n\s*/g, ' ');
}
