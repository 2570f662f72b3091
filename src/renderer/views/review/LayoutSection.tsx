import { Checkbox, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { availableColumns } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import { GRID_LAYOUTS, type Layout, LINKS, PLANE_NAMES, useView } from '../../state/view.ts';
import { setLayout, setLinked, setShowOriginal, toggleColumn } from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { Section } from './Section.tsx';

/** Cells, images, and what the cells share. */
export function LayoutSection(): ReactNode {
  const layout = useView((view) => view.layout);
  const linked = useView((view) => view.linked);
  const original = useView((view) => view.showOriginal);
  return (
    <Section title={text.review.layout} open>
      <NativeSelect
        aria-label={text.review.layout}
        value={layout}
        data={[
          { value: 'all', label: text.review.all },
          ...PLANE_NAMES.map((value) => ({ value, label: text.planes[value] })),
          ...GRID_LAYOUTS.map((value) => ({ value, label: text.review.layouts[value] })),
        ]}
        onChange={(event) => setLayout(event.currentTarget.value as Layout)}
      />
      <Images />
      <Checkbox
        label={text.review.original}
        checked={original}
        onChange={(event) => setShowOriginal(event.currentTarget.checked)}
      />
      <fieldset className="field">
        <legend className="field-label">{text.review.linked}</legend>
        <div className="row wrap">
          {LINKS.map((link) => (
            <Checkbox
              key={link}
              label={text.review.links[link]}
              checked={linked[link]}
              onChange={(event) => setLinked(link, event.currentTarget.checked)}
            />
          ))}
        </div>
      </fieldset>
    </Section>
  );
}

/** Which images the layouts have columns for. */
function Images(): ReactNode {
  const kinds = useApp(useShallow((state) => availableColumns(state).map((column) => column.kind)));
  const hidden = useView((view) => view.hiddenColumns);
  return (
    <fieldset className="field">
      <legend className="field-label">{text.review.columns}</legend>
      {kinds.map((kind) => (
        <Checkbox
          key={kind}
          label={text.columns[kind]}
          checked={!hidden.includes(kind)}
          onChange={() => toggleColumn(kind)}
        />
      ))}
    </fieldset>
  );
}
