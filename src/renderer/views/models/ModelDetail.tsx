import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePickFolder } from '../../components/usePickFolder.tsx';
import { exportModel, possibleChanges, readReport } from '../../state/modelsActions.ts';
import { setModels, useModels } from '../../state/modelsStore.ts';
import type { ModelSummary } from '../../state/store.ts';
import { text } from '../../text.ts';
import { changeWords, when } from './modelWords.ts';
import { StateForm } from './StateForm.tsx';

/** What is known of a model's standing, and what can become of it. */
export function ModelDetail(props: { readonly model: ModelSummary; readonly busy: boolean }): ReactNode {
  const { model, busy } = props;
  const { standing } = model;
  const { report, history } = standing;
  const change = useModels((state) => state.change);
  const { pick, dialog } = usePickFolder(text.models.exportTo, (folder) => void exportModel(model, folder));
  const facts: readonly (readonly [string, string | null])[] = [
    // A model that was trained further under its own name began with itself: that says nothing.
    [text.models.parent, standing.parent === model.id ? null : standing.parent],
    [text.models.predecessor, standing.predecessor],
    [text.models.report, reportWords(report)],
    [text.models.data, standing.dataSha256],
    [text.models.weights, model.weightsSha256],
    [text.models.folder, model.path],
  ];
  const possible = possibleChanges(model);
  const unaccepted = standing.state === 'candidate' || standing.state === 'retired';
  return (
    <section className="stack model-detail" aria-label={text.models.of(model.id)} data-state={standing.state}>
      <h3>{model.id}</h3>
      <dl className="facts small">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="path">{value}</dd>
            </div>
          ),
        )}
      </dl>
      {report !== null && report.failures.length > 0 && (
        <ul className="reasons small">
          {report.failures.map((failure) => (
            <li key={failure}>{failure}</li>
          ))}
        </ul>
      )}
      {unaccepted && !possible.includes('accept') && (
        <p className="small">{text.models.noAcceptance[report === null ? 'none' : 'failed']}</p>
      )}
      {standing.state !== 'shipped' && (
        <>
          <p className="small markdown-heading">{text.models.history}</p>
          {history.length === 0 ? (
            <p className="dim small">{text.models.noHistory}</p>
          ) : (
            <ul className="reasons small">
              {history.map((one) => (
                <li key={`${one.atMs}-${one.state}`}>
                  {changeWords(one)}
                  {one.notes !== null && <span className="dim">: {one.notes}</span>}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {change === null ? (
        <div className="row wrap">
          {possible.map((one) => (
            <Button
              key={one}
              variant={one === 'accept' ? 'filled' : 'default'}
              disabled={busy}
              onClick={() => setModels({ change: one, said: '' })}
            >
              {text.models[one]}
            </Button>
          ))}
          {report !== null && (
            <Button variant="default" disabled={busy} onClick={() => void readReport(model)}>
              {text.models.showReport}
            </Button>
          )}
          <Button variant="default" disabled={busy} onClick={() => pick()}>
            {text.models.export}
          </Button>
        </div>
      ) : (
        <StateForm
          model={{ id: model.id, path: model.path, predecessor: standing.predecessor }}
          change={change}
          busy={busy}
        />
      )}
      {dialog}
    </section>
  );
}

function reportWords(report: ModelSummary['standing']['report']): string {
  if (report === null) return text.models.noReport;
  return report.passed ? text.models.passed(when(report.ended)) : text.models.notPassed(when(report.ended));
}
