import { Button } from '@mantine/core';
import { Footprints, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { isBusy } from '../../state/jobs.ts';
import { setApp, TASKS, type Task, useApp } from '../../state/store.ts';
import { endTour, leaveTour, tourMoment, tourNeighbours, useIsTourOn } from '../../state/tour.ts';
import { text } from '../../text.ts';

/** The tour's words about what is on the screen, in a strip above it: nothing lies under it. */
export function TourNote(): ReactNode {
  const isOn = useIsTourOn();
  return isOn ? <Note /> : null;
}

function goTo(task: Task): void {
  setApp({ task, panelOpen: true });
}

function Note(): ReactNode {
  const task = useApp((state) => state.task);
  const moment = useApp((state) => tourMoment(state, isBusy(state.jobs.enhance)));
  const { back, next } = tourNeighbours(task);
  return (
    <section className="tour" aria-label={text.tour.label} data-moment={moment}>
      <Footprints size={16} aria-hidden className="tour-icon" />
      <div className="tour-words">
        <strong>{text.tour.step(TASKS.indexOf(task) + 1, TASKS.length)}</strong>
        <p aria-live="polite">{text.tour.moments[moment]}</p>
      </div>
      <div className="tour-steps">
        {back !== undefined && (
          <Button size="compact-xs" variant="default" onClick={() => goTo(back)}>
            {text.tour.back(text.tasks[back])}
          </Button>
        )}
        {next === undefined ? (
          <Button size="compact-xs" onClick={endTour}>
            {text.tour.finish}
          </Button>
        ) : (
          <Button size="compact-xs" onClick={() => goTo(next)}>
            {text.tour.next(text.tasks[next])}
          </Button>
        )}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label={text.tour.leave}
        title={text.tour.leave}
        onClick={leaveTour}
      >
        <X size={15} aria-hidden />
      </button>
    </section>
  );
}
