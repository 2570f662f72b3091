import { Button, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { unacceptedMark } from '../../../../core/dicom/derived/provenance.ts';
import { ErrorNotice } from '../../../components/ErrorNotice.tsx';
import { chosenSegmentationModel, loadSegmentationModels } from '../../../state/contourActions.ts';
import { type SegmentationModel, setContours, useContours } from '../../../state/contours.ts';
import { isBusy } from '../../../state/jobs.ts';
import { useApp } from '../../../state/store.ts';
import { text } from '../../../text.ts';

/** The segmentation models that are here, and what is known of the chosen one. */
export function ModelOfContours(): ReactNode {
  const { models, refused, modelsError, model } = useContours(
    useShallow(({ models, refused, modelsError, model }) => ({ models, refused, modelsError, model })),
  );
  const disabled = useApp((state) => isBusy(state.jobs.segment));
  const words = text.contours;
  const chosen = chosenSegmentationModel(models, model);
  if (modelsError !== undefined) {
    return (
      <ErrorNotice error={modelsError}>
        <LookAgain />
      </ErrorNotice>
    );
  }
  if (models === undefined) {
    return (
      <p className="dim small" role="status">
        {words.loading}
      </p>
    );
  }
  return (
    <>
      {chosen === undefined ? (
        <div className="stack small" data-models="0">
          <p>{words.noModels}</p>
          <p className="dim">{words.noModelsHint}</p>
          <LookAgain />
        </div>
      ) : (
        <>
          <NativeSelect
            label={words.model}
            value={chosen.id}
            disabled={disabled}
            data={models.map(({ id, state, dice, chosenDice }) => ({
              value: id,
              label: words.modelChoice(words.markedModel(unacceptedMark(state), id), dice, chosenDice),
            }))}
            onChange={(event) => setContours({ model: event.currentTarget.value })}
          />
          <Known model={chosen} />
        </>
      )}
      {refused.length > 0 && (
        <div className="small">
          <p>{words.refused(refused.length)}</p>
          <ul className="reasons">
            {refused.map(({ path, message }) => (
              <li key={path} className="path">
                {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function LookAgain(): ReactNode {
  return (
    <div>
      <Button variant="default" size="compact-xs" onClick={() => void loadSegmentationModels()}>
        {text.contours.lookAgain}
      </Button>
    </div>
  );
}

function Known({ model }: { readonly model: SegmentationModel }): ReactNode {
  const words = text.contours;
  const mark = unacceptedMark(model.state);
  const contrasts = model.contrasts.map(({ name, required }) => words.contrast(name, required)).join(', ');
  const facts = [
    [words.dice, model.dice === null ? words.diceUnknown : model.dice.toFixed(3)],
    ...(model.chosenDice === null ? [] : [[words.chosenDice, model.chosenDice.toFixed(3)] as const]),
    [words.contrasts, contrasts],
    [words.licence, model.licence],
  ] as const;
  return (
    <>
      {mark !== undefined && (
        <p className="small warn" data-mark={mark}>
          {words.states[mark]}
        </p>
      )}
      <dl className="facts small">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="numbers path">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
