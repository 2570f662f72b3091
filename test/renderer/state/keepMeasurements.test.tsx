// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Request, Result } from '../../../src/core/contract/operations.ts';
import { deleteMeasurement, finishDraft, setPoint } from '../../../src/renderer/measure/measureActions.ts';
import { undo } from '../../../src/renderer/state/history.ts';
import { beginKeepingMeasurements } from '../../../src/renderer/state/keepMeasurements.ts';
import {
  NO_MEASUREMENTS,
  setMeasurements,
  useMeasurements,
} from '../../../src/renderer/state/measurements.ts';
import { setApp } from '../../../src/renderer/state/store.ts';
import { useAnswers } from '../page.tsx';

type Kept = Result<'recallOfStudy'>['measurements'];

/** A workstation that keeps measurements by study, and can be made not to answer. */
function useKeeping() {
  const byStudy: Record<string, Kept> = {};
  const state = { answers: true };
  const { calls } = useAnswers({
    rememberOfStudy: async ({ studyUid, value }: Request<'rememberOfStudy'>) => {
      if (!state.answers) throw new Error('away');
      byStudy[studyUid] = structuredClone(value);
      return {};
    },
    recallOfStudy: async ({ studyUid }: Request<'recallOfStudy'>) => {
      if (!state.answers) throw new Error('away');
      return { measurements: structuredClone(byStudy[studyUid] ?? null) };
    },
  });
  return { byStudy, state, calls };
}

const PLANE = { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, 1] } as const;

function draw(x: number): void {
  setPoint('probe', 'cell', PLANE, [x, 0, 0]);
  finishDraft();
}
const xs = (items: readonly { readonly pointsLps: readonly (readonly number[])[] }[] | null | undefined) =>
  (items ?? []).map(({ pointsLps }) => pointsLps[0]![0]);
const shown = () => xs(useMeasurements.getState().items);

describe('what was measured in a study', () => {
  let stop = (): void => {};
  afterEach(() => {
    stop();
    vi.useRealTimers();
    setApp({ studyUid: null });
    setMeasurements(NO_MEASUREMENTS);
  });

  it('is there again when the study is opened again, each with its own, and goes on to be kept', async () => {
    vi.useFakeTimers();
    const { byStudy } = useKeeping();
    stop = beginKeepingMeasurements();
    setApp({ studyUid: 'a' });
    await vi.advanceTimersByTimeAsync(1);
    draw(1);
    draw(2);
    // Another study is opened at once: what was drawn last is not lost.
    setApp({ studyUid: 'b' });
    await vi.advanceTimersByTimeAsync(1);
    expect(shown()).toEqual([]);
    draw(7);
    await vi.advanceTimersByTimeAsync(500);
    expect([xs(byStudy.a), xs(byStudy.b)]).toEqual([[1, 2], [7]]);

    stop();
    setApp({ studyUid: null });
    stop = beginKeepingMeasurements();
    setApp({ studyUid: 'a' });
    await vi.advanceTimersByTimeAsync(1);
    expect(shown()).toEqual([1, 2]);
    draw(3);
    expect(new Set(useMeasurements.getState().items.map(({ id }) => id)).size).toBe(3);
    deleteMeasurement(useMeasurements.getState().items[0]!.id);
    await vi.advanceTimersByTimeAsync(500);
    expect(xs(byStudy.a)).toEqual([2, 3]);
    undo();
    await vi.advanceTimersByTimeAsync(500);
    expect(xs(byStudy.a)).toEqual([1, 2, 3]);
    expect(xs(byStudy.b)).toEqual([7]);
  });

  it('is sent when the window closes', async () => {
    const { byStudy } = useKeeping();
    stop = beginKeepingMeasurements();
    setApp({ studyUid: 'a' });
    await vi.waitFor(() => expect(shown()).toEqual([]));
    await Promise.resolve();
    draw(4);
    window.dispatchEvent(new Event('pagehide'));
    await vi.waitFor(() => expect(xs(byStudy.a)).toEqual([4]));
  });

  it('is not overwritten while it cannot be read, and what is drawn meanwhile is added to it', async () => {
    vi.useFakeTimers();
    const { byStudy, state, calls } = useKeeping();
    byStudy.a = [{ id: 'm1', name: 'Value 1', kind: 'probe', plane: plane(), pointsLps: [[1, 0, 0]] }];
    state.answers = false;
    stop = beginKeepingMeasurements();
    setApp({ studyUid: 'a' });
    await vi.advanceTimersByTimeAsync(1);
    draw(5);
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls.filter(({ name }) => name === 'rememberOfStudy')).toEqual([]);
    state.answers = true;
    await vi.advanceTimersByTimeAsync(4000);
    expect(xs(byStudy.a)).toEqual([1, 5]);
    expect(shown()).toEqual([1, 5]);
    // A workstation that goes away and comes back gets what changed meanwhile.
    state.answers = false;
    draw(6);
    await vi.advanceTimersByTimeAsync(3000);
    state.answers = true;
    await vi.advanceTimersByTimeAsync(3000);
    expect(xs(byStudy.a)).toEqual([1, 5, 6]);
  });
});

function plane(): NonNullable<Kept>[number]['plane'] {
  return { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, 1] };
}
