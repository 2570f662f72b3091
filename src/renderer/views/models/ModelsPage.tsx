import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { FileField } from '../../components/FileField.tsx';
import { JobProgress } from '../../components/JobProgress.tsx';
import { isBusy } from '../../state/jobs.ts';
import { importModel } from '../../state/modelsActions.ts';
import { setModels, useModels } from '../../state/modelsStore.ts';
import { clearJob } from '../../state/session.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { ModelDetail } from './ModelDetail.tsx';
import { inOrder, ModelsTable } from './ModelsTable.tsx';

/** The list, the model that is looked at, and the way in for others. */
export function ModelsPage(): ReactNode {
  const models = useApp((state) => state.models);
  const listError = useApp((state) => state.modelsError);
  const job = useApp((state) => state.jobs.models);
  const { chosen, said, importFrom } = useModels();
  const sorted = inOrder(models);
  const model = sorted.find(({ id }) => id === chosen) ?? sorted[0];
  const busy = isBusy(job);
  return (
    <div className="stack">
      <p className="dim small">{text.models.intro}</p>
      {listError !== undefined && <ErrorNotice error={listError} />}
      {sorted.length === 0 ? (
        <p className="dim">{text.models.none}</p>
      ) : (
        <ModelsTable models={sorted} chosen={model?.id} />
      )}
      {model !== undefined && <ModelDetail key={model.path} model={model} busy={busy} />}
      {busy && <JobProgress kind="models" />}
      {job?.error !== undefined && <ErrorNotice error={job.error} onDismiss={() => clearJob('models')} />}
      <p role="status" className="small">
        {said}
      </p>
      <form
        className="row bottom"
        onSubmit={(event) => {
          event.preventDefault();
          void importModel(importFrom.trim());
        }}
      >
        <FileField
          label={text.models.importFile}
          description={text.models.importHint}
          kind="model-package"
          value={importFrom}
          disabled={busy}
          onChange={(path) => setModels({ importFrom: path })}
        />
        <Button type="submit" variant="default" disabled={busy || importFrom.trim() === ''}>
          {text.models.import}
        </Button>
      </form>
    </div>
  );
}
