import { Button, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { setView, useView, type ViewState } from '../../state/view.ts';
import { resetView } from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { Section } from './Section.tsx';

const SWITCHES = [
  ['smooth', text.review.smooth],
  ['showLabels', text.review.labels],
  ['showPatient', text.review.patient],
  ['showCrosshair', text.review.crosshair],
  ['magnifier', text.review.magnifier],
] as const satisfies readonly (readonly [keyof ViewState, string])[];

/** What lies over the images. */
export function DisplaySection(): ReactNode {
  const view = useView();
  return (
    <Section title={text.review.display}>
      {SWITCHES.map(([name, label]) => (
        <Checkbox
          key={name}
          label={label}
          checked={view[name]}
          onChange={(event) => setView({ [name]: event.currentTarget.checked })}
        />
      ))}
      <Button variant="default" size="compact-xs" onClick={resetView}>
        {text.review.resetView}
      </Button>
    </Section>
  );
}
