import {
  Activity,
  Brush,
  Circle,
  Contrast,
  Crosshair,
  Eraser,
  Lasso,
  Layers,
  type LucideIcon,
  Move,
  Pipette,
  Ruler,
  Square,
  TriangleRight,
  ZoomIn,
} from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { MEASUREMENT_KINDS } from '../../../core/volume/measurement.ts';
import { ariaKeys, showKey } from '../../commands/showKeys.ts';
import { TOOL_KEYS } from '../../commands/toolKeys.ts';
import { isMeasuring } from '../../measure/measureActions.ts';
import { useContours } from '../../state/contours.ts';
import { CORRECTING_TOOLS, TOOLS, type Tool, useView } from '../../state/view.ts';
import { setTool } from '../../state/viewActions.ts';
import { text } from '../../text.ts';

const ICONS: Readonly<Record<Tool, LucideIcon>> = {
  window: Contrast,
  scroll: Layers,
  pan: Move,
  zoom: ZoomIn,
  crosshair: Crosshair,
  probe: Pipette,
  length: Ruler,
  angle: TriangleRight,
  rectangle: Square,
  ellipse: Circle,
  freehand: Lasso,
  profile: Activity,
  brush: Brush,
  eraser: Eraser,
};

interface Group {
  readonly name: string;
  readonly tools: readonly Tool[];
}

const ALWAYS: readonly Group[] = [
  { name: text.review.toolGroups.look, tools: TOOLS.filter((tool) => !isMeasuring(tool)) },
  { name: text.review.toolGroups.measure, tools: MEASUREMENT_KINDS },
];
/** Where there is an outline to be corrected. */
const WITH_OUTLINES: readonly Group[] = [
  ...ALWAYS,
  { name: text.review.toolGroups.correct, tools: CORRECTING_TOOLS },
];

/** Steps of the focus within the toolbar, as the toolbar pattern of ARIA has them. */
function nextAt(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** What the left mouse button does: one stop for Tab, arrows inside. */
export function ToolBar(): ReactNode {
  const active = useView((view) => view.tool);
  const groups = useContours(({ outlines }) => (outlines.length > 0 ? WITH_OUTLINES : ALWAYS));
  const order = groups.flatMap(({ tools }) => tools);
  const [focused, setFocused] = useState<Tool | undefined>(undefined);
  const bar = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const next = nextAt(event.key, order.indexOf(focused ?? active), order.length);
    if (next === undefined) return;
    event.preventDefault();
    bar.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div
      ref={bar}
      className="toolbar"
      role="toolbar"
      aria-label={text.review.tool}
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        // Whoever comes back with Tab comes to the tool that is in use.
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(undefined);
      }}
    >
      {groups.map(({ name, tools }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend would stand in the bar
        <div key={name} className="toolbar-group" role="group" aria-label={name}>
          {tools.map((tool) => (
            <ToolButton
              key={tool}
              tool={tool}
              isActive={tool === active}
              isStop={tool === (focused ?? active)}
              onFocus={() => setFocused(tool)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

function ToolButton(props: {
  readonly tool: Tool;
  readonly isActive: boolean;
  /** The one that Tab comes to. */
  readonly isStop: boolean;
  readonly onFocus: () => void;
}): ReactNode {
  const { tool, isActive, isStop, onFocus } = props;
  const Icon = ICONS[tool];
  const key = TOOL_KEYS[tool];
  return (
    <button
      type="button"
      className="tool-button"
      aria-label={text.review.tools[tool]}
      aria-pressed={isActive}
      aria-keyshortcuts={ariaKeys([key])}
      title={text.review.toolTip(text.review.tools[tool], showKey(key))}
      tabIndex={isStop ? 0 : -1}
      data-tool={tool}
      onFocus={onFocus}
      onClick={() => setTool(tool)}
    >
      <Icon size={16} aria-hidden />
      <span className="tool-name">{text.review.toolNames[tool]}</span>
    </button>
  );
}
