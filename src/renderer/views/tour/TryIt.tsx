import { Button } from '@mantine/core';
import { Footprints } from 'lucide-react';
import type { ReactNode } from 'react';
import { isBusy } from '../../state/jobs.ts';
import { useApp } from '../../state/store.ts';
import { startTour, useWasTourLeft } from '../../state/tour.ts';
import { text } from '../../text.ts';

/** Begins the tour, from where there is no study yet. */
export function TryIt({ onStart }: { readonly onStart?: () => void }): ReactNode {
  const ready = useApp((state) => state.connection === 'ready');
  const busy = useApp((state) => isBusy(state.jobs.open));
  const wasLeft = useWasTourLeft();
  return (
    <div className="try-it">
      <Button
        variant="default"
        disabled={!ready || busy}
        leftSection={<Footprints size={14} aria-hidden />}
        onClick={() => {
          onStart?.();
          void startTour();
        }}
      >
        {wasLeft ? text.tour.resume : text.tour.try}
      </Button>
      <span className="dim small">{text.tour.tryHint}</span>
    </div>
  );
}
