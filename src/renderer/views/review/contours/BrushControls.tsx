import { Button, Slider } from '@mantine/core';
import { Brush, Eraser } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { ariaKeys, showKey } from '../../../commands/showKeys.ts';
import { TOOL_KEYS } from '../../../commands/toolKeys.ts';
import { useContours } from '../../../state/contours.ts';
import { BRUSH_MM, backToFound, paintedLabel, setBrushMm } from '../../../state/correcting.ts';
import { CORRECTING_TOOLS, isCorrecting, useView } from '../../../state/view.ts';
import { setTool } from '../../../state/viewActions.ts';
import { text } from '../../../text.ts';

const ICONS = { brush: Brush, eraser: Eraser };
const words = text.contours.brush;

/** Correcting an outline: tools, how wide they are, and the way back. */
export function BrushControls(): ReactNode {
  const tool = useView((view) => view.tool);
  const { outlines, brushMm, brushNote } = useContours(
    useShallow(({ outlines, brushMm, brushNote, label }) => ({ outlines, brushMm, brushNote, label })),
  );
  const id = useId();
  const corrected = outlines.filter(({ isCorrected }) => isCorrected);
  const [first] = outlines;
  const isMulti = (first?.found.labels.length ?? 0) > 1;
  const painted = first?.found.labels.find(({ value }) => value === paintedLabel(first))?.name;
  return (
    <section className="stack" aria-label={words.title}>
      <span className="field-label">{words.title}</span>
      <div className="row wrap">
        {CORRECTING_TOOLS.map((one) => {
          const Icon = ICONS[one];
          return (
            <Button
              key={one}
              variant={tool === one ? 'filled' : 'default'}
              size="compact-xs"
              aria-pressed={tool === one}
              aria-keyshortcuts={ariaKeys([TOOL_KEYS[one]])}
              title={text.review.toolTip(words.tools[one], showKey(TOOL_KEYS[one]))}
              leftSection={<Icon size={13} aria-hidden />}
              onClick={() => setTool(tool === one ? 'window' : one)}
            >
              {words.tools[one]}
            </Button>
          );
        })}
        {isCorrecting(tool) && (
          <Button variant="default" size="compact-xs" onClick={() => setTool('window')}>
            {words.stop}
          </Button>
        )}
      </div>
      {isMulti && painted !== undefined && (
        <p className="small">
          {words.paints} {painted}
        </p>
      )}
      <div className="field">
        <span className="row">
          <span className="field-label grow" id={id}>
            {words.radius}
          </span>
          <span className="numbers small">{brushMm}</span>
        </span>
        <Slider
          aria-labelledby={id}
          thumbLabel={words.radius}
          min={BRUSH_MM.least}
          max={BRUSH_MM.most}
          step={0.5}
          value={brushMm}
          onChange={setBrushMm}
        />
      </div>
      <p className="dim small">{words.hint}</p>
      {brushNote !== null && (
        <p className="small warn" role="status" data-brush-note>
          {brushNote}
        </p>
      )}
      {corrected.map(({ image, name }) => (
        <div key={image}>
          <Button
            variant="default"
            size="compact-xs"
            aria-label={words.backOf(name)}
            onClick={() => backToFound(image)}
          >
            {corrected.length > 1 ? words.backOf(name) : words.back}
          </Button>
        </div>
      ))}
    </section>
  );
}
