import { type ReactNode, useEffect } from 'react';
import { formatSeconds } from '../../components/names.ts';
import { estimate, estimateKey, useEstimate } from '../../state/estimate.ts';
import { isBusy } from '../../state/jobs.ts';
import { unfinished, useQueue } from '../../state/queue.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

/** The choice is measured once it has stood for so long. */
const AFTER_MS = 800;

/** What the chosen enhancement will take in time and memory: measured on this machine, told as an estimate. */
export function EstimateLine(): ReactNode {
  const key = useApp(estimateKey);
  const measuring = useApp((state) => isBusy(state.jobs.estimate));
  const error = useApp((state) => state.jobs.estimate?.error);
  const known = useEstimate((state) => (key === undefined ? undefined : state.known[key]));
  const idle = useQueue((state) => unfinished(state.jobs).length === 0);
  const isKnown = known !== undefined;
  useEffect(() => {
    if (key === undefined || isKnown || !idle) return;
    const timer = setTimeout(() => void estimate(), AFTER_MS);
    return () => clearTimeout(timer);
  }, [key, isKnown, idle]);
  const words = text.enhance.estimate;
  return (
    <p className="dim small" role="status" data-estimate={known === undefined ? '' : known.measuredOn}>
      {known !== undefined
        ? words.told(
            formatSeconds(Math.max(1, Math.round(known.seconds))),
            Math.round(known.memoryMb),
            known.device,
            known.measuredOn,
          )
        : measuring
          ? words.measuring
          : error !== undefined
            ? error.message
            : idle
              ? words.notYet
              : words.busy}
    </p>
  );
}
