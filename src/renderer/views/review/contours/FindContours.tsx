import { Button, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { ErrorNotice } from '../../../components/ErrorNotice.tsx';
import { JobProgress } from '../../../components/JobProgress.tsx';
import { seriesName } from '../../../components/names.ts';
import { useAlign } from '../../../state/align.ts';
import { canUseReference, chosenSegmentationModel, findOutlines } from '../../../state/contourActions.ts';
import { chosenImages, imageChoices, MOST_IMAGES } from '../../../state/contourImages.ts';
import { setContours, useContours } from '../../../state/contours.ts';
import { isBusy } from '../../../state/jobs.ts';
import { clearJob } from '../../../state/session.ts';
import { seriesByUid, useApp } from '../../../state/store.ts';
import { text } from '../../../text.ts';
import { ModelOfContours } from './ModelOfContours.tsx';

/** Which model looks in which images, and what became of it. */
export function FindContours(): ReactNode {
  const { models, model } = useContours(useShallow(({ models, model }) => ({ models, model })));
  const chosen = chosenSegmentationModel(models, model);
  const job = useApp((state) => state.jobs.segment);
  const hasOutlines = useContours(({ outlines }) => outlines.length > 0);
  const count = useChosenCount();
  return (
    <>
      <ModelOfContours />
      {chosen !== undefined && (
        <>
          <Images disabled={isBusy(job)} />
          <Reference disabled={isBusy(job)} />
          {isBusy(job) ? (
            <JobProgress kind="segment" />
          ) : (
            <Button
              variant={hasOutlines ? 'default' : 'filled'}
              fullWidth
              disabled={count === 0}
              onClick={() => void findOutlines()}
            >
              {hasOutlines ? text.contours.again : text.contours.find}
            </Button>
          )}
        </>
      )}
      <Outcome />
    </>
  );
}

function useChoices() {
  // What can be looked at follows from these.
  useApp(
    useShallow(({ studies, studyUid, targetUid, referenceUid, enhanced, computing, results }) => ({
      studies,
      studyUid,
      targetUid,
      referenceUid,
      enhanced,
      computing,
      results,
    })),
  );
  return imageChoices(useApp.getState());
}

function useChosenCount(): number {
  const images = useContours((state) => state.images);
  return chosenImages(useChoices(), images).length;
}

function Images({ disabled }: { readonly disabled: boolean }): ReactNode {
  const choices = useChoices();
  const images = useContours((state) => state.images);
  const chosen = chosenImages(choices, images).map(({ id }) => id);
  const isFull = chosen.length >= MOST_IMAGES;
  return (
    <fieldset className="options">
      <legend className="field-label">{text.contours.look}</legend>
      {choices.map(({ id, name, detail }) => (
        <Checkbox
          key={id}
          label={name}
          title={detail}
          checked={chosen.includes(id)}
          disabled={disabled || (isFull && !chosen.includes(id))}
          onChange={(event) =>
            setContours({
              images: event.currentTarget.checked ? [...chosen, id] : chosen.filter((other) => other !== id),
            })
          }
        />
      ))}
      {choices.length === 1 && <p className="dim small">{text.contours.imagesHint}</p>}
      {isFull && choices.length > MOST_IMAGES && (
        <p className="dim small">{text.contours.tooMany(MOST_IMAGES)}</p>
      )}
    </fieldset>
  );
}

/** The second contrast: told where the model could use one. */
function Reference({ disabled }: { readonly disabled: boolean }): ReactNode {
  const { models, model, withReference } = useContours(
    useShallow(({ models, model, withReference }) => ({ models, model, withReference })),
  );
  const chosen = chosenSegmentationModel(models, model);
  const reference = useApp((state) => seriesByUid(state, state.referenceUid));
  const isUsable = useApp((state) => canUseReference(state, chosen));
  useAlign((state) => state.withoutReference);
  const madeWithOne = useApp((state) => state.enhanced?.referenceUid != null);
  if ((chosen?.contrasts.length ?? 0) < 2) return null;
  const words = text.contours;
  return (
    <>
      {isUsable && reference !== undefined && (
        <Checkbox
          label={words.reference(seriesName(reference))}
          checked={withReference}
          disabled={disabled}
          onChange={(event) => setContours({ withReference: event.currentTarget.checked })}
        />
      )}
      {!(isUsable && withReference) && <p className="dim small">{words.referenceMissing}</p>}
      {isUsable && !withReference && madeWithOne && <p className="dim small">{words.referenceOwn}</p>}
    </>
  );
}

function Outcome(): ReactNode {
  const job = useApp((state) => state.jobs.segment);
  const stoppedAt = useContours((state) => state.stoppedAt);
  const words = text.contours;
  if (job?.status === 'cancelled') {
    return (
      <p className="dim small" role="status">
        {words.cancelled}
      </p>
    );
  }
  if (job?.error === undefined) return null;
  const isUntrusted = job.error.code === 'registration-untrusted';
  const title = isUntrusted ? words.untrusted : stoppedAt === null ? undefined : words.stoppedAt(stoppedAt);
  return (
    <ErrorNotice
      error={job.error}
      {...(title === undefined ? {} : { title })}
      onDismiss={() => clearJob('segment')}
    >
      {isUntrusted && (
        <div>
          <Button size="compact-xs" variant="default" onClick={() => void findOutlines({ accept: true })}>
            {words.accept}
          </Button>
        </div>
      )}
    </ErrorNotice>
  );
}
