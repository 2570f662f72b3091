import { Button, Checkbox, NumberInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { setView, useView } from '../../state/view.ts';
import { text } from '../../text.ts';
import { toggleCine } from '../../viewer/cineControl.ts';
import { Section } from './Section.tsx';

const FASTEST = 60;

/** Playing the slices. */
export function CineSection(): ReactNode {
  const cine = useView((view) => view.cine);
  const words = text.review.cine;
  return (
    <Section title={words.title}>
      <div className="row bottom">
        <NumberInput
          className="grow"
          label={words.speed}
          value={cine.slicesPerSecond}
          min={1}
          max={FASTEST}
          onChange={(value) => {
            const slicesPerSecond = Number(value);
            if (slicesPerSecond >= 1 && slicesPerSecond <= FASTEST)
              setView({ cine: { ...cine, slicesPerSecond } });
          }}
        />
        <Button variant="default" onClick={toggleCine}>
          {cine.cell === null ? words.play : words.stop}
        </Button>
      </div>
      <Checkbox
        label={words.bounce}
        checked={cine.bounce}
        onChange={(event) => setView({ cine: { ...cine, bounce: event.currentTarget.checked } })}
      />
    </Section>
  );
}
