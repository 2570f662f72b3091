import { Button, Checkbox, SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Missing } from '../../components/Missing.tsx';
import { formatValue } from '../../components/names.ts';
import { availableColumns } from '../../state/columns.ts';
import { useApp } from '../../state/store.ts';
import {
  type Layout,
  PLANE_NAMES,
  setView,
  useView,
  type WindowGroup,
  windowGroup,
} from '../../state/view.ts';
import {
  applyPreset,
  groupWindow,
  resetView,
  resetWindows,
  setLayout,
  toggleColumn,
} from '../../state/viewActions.ts';
import { text } from '../../text.ts';
import { WINDOW_PRESETS } from '../../viewer/windowing.ts';

/** How the images are laid out and shown. */
export function ReviewView(): ReactNode {
  const hasTarget = useApp((state) => state.targetUid !== null);
  if (!hasTarget) return <Missing>{text.review.nothing}</Missing>;
  return (
    <div className="panel-content">
      <LayoutChoice />
      <Columns />
      <Windows />
      <Display />
    </div>
  );
}

function LayoutChoice(): ReactNode {
  const layout = useView((view) => view.layout);
  return (
    <div className="field">
      <span className="field-label" id="layout-label">
        {text.review.layout}
      </span>
      <SegmentedControl
        fullWidth
        aria-labelledby="layout-label"
        value={layout}
        data={[
          { value: 'all', label: text.review.all },
          ...PLANE_NAMES.map((value) => ({ value, label: text.planes[value] })),
        ]}
        onChange={(value) => setLayout(value as Layout)}
      />
    </div>
  );
}

function Columns(): ReactNode {
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

function Windows(): ReactNode {
  const groups = useApp(
    useShallow((state) => [...new Set(availableColumns(state).map((column) => windowGroup(column.kind)))]),
  );
  return (
    <section className="field" aria-labelledby="window-label">
      <div className="row">
        <span className="field-label grow" id="window-label">
          {text.review.window}
        </span>
        <Button variant="default" size="compact-xs" onClick={resetWindows}>
          {text.review.reset}
        </Button>
      </div>
      {groups.map((group) => (
        <GroupWindow key={group} group={group} />
      ))}
    </section>
  );
}

function GroupWindow({ group }: { readonly group: WindowGroup }): ReactNode {
  useView((view) => view.windows[group]);
  useView((view) => view.volumes);
  const window = groupWindow(group);
  const name = group === 'target' ? text.review.groupTarget : text.review.groupReference;
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
    </div>
  );
}

function Display(): ReactNode {
  const smooth = useView((view) => view.smooth);
  const labels = useView((view) => view.showLabels);
  const crosshair = useView((view) => view.showCrosshair);
  return (
    <fieldset className="field">
      <legend className="field-label">{text.review.display}</legend>
      <Checkbox
        label={text.review.smooth}
        checked={smooth}
        onChange={(event) => setView({ smooth: event.currentTarget.checked })}
      />
      <Checkbox
        label={text.review.labels}
        checked={labels}
        onChange={(event) => setView({ showLabels: event.currentTarget.checked })}
      />
      <Checkbox
        label={text.review.crosshair}
        checked={crosshair}
        onChange={(event) => setView({ showCrosshair: event.currentTarget.checked })}
      />
      <Button variant="default" size="compact-xs" onClick={resetView}>
        {text.review.resetView}
      </Button>
    </fieldset>
  );
}
