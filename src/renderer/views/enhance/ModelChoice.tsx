import { NativeSelect } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { byWorth, fitsContrast, pickModel, usableModels } from '../../state/enhanceActions.ts';
import { likenessOf } from '../../state/likeness.ts';
import { type ModelSummary, useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { RefusedList } from '../studies/RefusedList.tsx';
import { ModelCard } from './ModelCard.tsx';
import { ModelTable } from './ModelTable.tsx';
import { Suitability } from './Suitability.tsx';

/** The models of the chosen scale, those made for the pair's contrasts first, with the card of the chosen. */
export function ModelChoice(): ReactNode {
  const models = useApp(useShallow(usableModels));
  const modelId = useApp((state) => state.modelId);
  const fitting = useApp(
    useShallow((state) => usableModels(state).filter((model) => fitsContrast(model, state))),
  );
  const error = useApp((state) => state.modelsError);
  const refused = useApp((state) => state.refusedModels);
  const chosen = models.find((model) => model.id === modelId);
  const sorted = useApp(useShallow((state) => byWorth(usableModels(state), state)));
  const label = (model: ModelSummary): string => {
    const kind = model.usesReference ? text.enhance.guided : text.enhance.single;
    const other = fitting.includes(model) ? '' : ` — ${text.enhance.otherContrast}`;
    return `${text.enhance.marked(model.id, model.standing.state)} (${kind})${other}`;
  };
  return (
    <div className="field">
      {error !== undefined && <ErrorNotice error={error} />}
      {sorted.length === 0 ? (
        <p className="notice notice-warn" role="status">
          <TriangleAlert size={14} aria-hidden className="notice-icon" />
          <span>{text.enhance.noModel}</span>
        </p>
      ) : (
        <NativeSelect
          label={text.enhance.model}
          value={modelId ?? ''}
          data={sorted.map((model) => ({ value: model.id, label: label(model) }))}
          onChange={(event) => pickModel(event.currentTarget.value)}
        />
      )}
      {chosen !== undefined && <Unaccepted model={chosen} />}
      {chosen !== undefined && <Suitability checks={likenessOf(useApp.getState(), chosen)} />}
      {chosen !== undefined && <ModelCard model={chosen} />}
      <ModelTable />
      {refused.length > 0 && <RefusedList refused={refused} />}
    </div>
  );
}

/** What is to be known before a model makes anything that no one has accepted, or no longer. */
function Unaccepted({ model }: { readonly model: ModelSummary }): ReactNode {
  const { state } = model.standing;
  if (state !== 'candidate' && state !== 'retired') return null;
  return (
    <p className="notice notice-warn" role="status" data-model-state={state}>
      <TriangleAlert size={14} aria-hidden className="notice-icon" />
      <span>{text.enhance.unaccepted[state]}</span>
    </p>
  );
}
