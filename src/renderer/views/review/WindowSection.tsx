import { Button, Checkbox, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { formatValue } from '../../components/names.ts';
import { shownCells } from '../../state/cells.ts';
import { groupOf } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import { COLOUR_MAPS, type ColourMapName, useView, type WindowGroup } from '../../state/view.ts';
import {
  applyPreset,
  groupWindow,
  resetWindows,
  setColourMap,
  setInverted,
} from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { WINDOW_PRESETS } from '../../viewer/windowing.ts';
import { Section } from './Section.tsx';

/** Window, colours and inversion, for each group of what is shown. */
export function WindowSection(): ReactNode {
  const view = useView(
    useShallow(({ layout, hiddenColumns, choices, maximised }) => ({
      layout,
      hiddenColumns,
      choices,
      maximised,
    })),
  );
  const groups = useApp(
    useShallow((state) => {
      const names = new Map<WindowGroup, string>();
      for (const { column } of shownCells(state, view).cells) {
        if (column === undefined) continue;
        const group = groupOf(column);
        if (group === 'target') names.set(group, text.review.groupTarget);
        else names.set(group, group === 'reference' ? text.review.groupReference : column.title);
      }
      return [...names].flat();
    }),
  );
  return (
    <Section title={text.review.window}>
      {groups.flatMap((group, n) =>
        n % 2 === 0 ? [<GroupWindow key={group} group={group} name={groups[n + 1] ?? ''} />] : [],
      )}
      <Button variant="default" size="compact-xs" onClick={resetWindows}>
        {text.review.reset}
      </Button>
    </Section>
  );
}

function GroupWindow({ group, name }: { readonly group: WindowGroup; readonly name: string }): ReactNode {
  useView((view) => view.windows[group]);
  useView((view) => view.volumes);
  const colourMap = useView((view) => view.colourMaps[group] ?? 'grey');
  const inverted = useView((view) => view.inverted.includes(group));
  const window = groupWindow(group);
  return (
    <div className="group-window">
      <div className="row small">
        <span className="grow">{name}</span>
        {window !== undefined && (
          <span className="dim numbers">
            {text.viewer.windowValues(formatValue(window.center), formatValue(window.width))}
          </span>
        )}
      </div>
      <div className="presets">
        {WINDOW_PRESETS.map((preset) => (
          <Button
            key={preset}
            variant="default"
            size="compact-xs"
            aria-label={`${text.review.presets[preset]}, ${name}`}
            onClick={() => applyPreset(preset, [group])}
          >
            {text.review.presets[preset]}
          </Button>
        ))}
      </div>
      <div className="row">
        <NativeSelect
          className="grow"
          size="xs"
          aria-label={text.review.coloursOf(name)}
          value={colourMap}
          data={COLOUR_MAPS.map((value) => ({ value, label: text.review.colourMaps[value] }))}
          onChange={(event) => setColourMap(group, event.currentTarget.value as ColourMapName)}
        />
        <Checkbox
          label={text.review.invert}
          aria-label={text.review.invertOf(name)}
          checked={inverted}
          onChange={(event) => setInverted(group, event.currentTarget.checked)}
        />
      </div>
    </div>
  );
}
