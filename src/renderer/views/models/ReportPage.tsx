import { Button } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ModelsReport } from '../../../core/contract/modelStates.ts';
import { setModels } from '../../state/modelsStore.ts';
import { text } from '../../text.ts';

/** An acceptance report, section by section, as its page says it. */
export function ReportPage({ report }: { readonly report: ModelsReport }): ReactNode {
  return (
    <div className="stack">
      <div className="row">
        <Button
          variant="default"
          leftSection={<ArrowLeft size={14} aria-hidden />}
          onClick={() => setModels({ report: null })}
        >
          {text.models.backToModels}
        </Button>
        <strong className={report.passed ? 'good' : 'warn'}>{report.title}</strong>
      </div>
      {report.sections.map(({ title, notes, table }) => (
        <div key={title} className="stack">
          <h3>{title}</h3>
          {table !== undefined && table.rows.length > 0 && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by keys
            <section className="table-scroll small" tabIndex={0} aria-label={title}>
              <table>
                <thead>
                  <tr>
                    {table.columns.map((name, at) => (
                      <th key={name} scope="col" className={at < table.textColumns ? undefined : 'numbers'}>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {table.rows.map((row) => (
                    <tr key={row.join('\t')}>
                      {row.map((cell, at) => (
                        <td
                          key={table.columns[at]}
                          className={at < table.textColumns ? undefined : 'numbers'}
                        >
                          {cell}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )}
          {notes.map((note) => (
            <p key={note} className="small path">
              {note}
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}
