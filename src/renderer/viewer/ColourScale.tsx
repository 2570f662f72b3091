import { type ReactNode, useEffect, useRef } from 'react';
import { paintValues } from './colourMaps.ts';

interface ColourScaleProps {
  readonly colours: Uint8Array;
  readonly least: string;
  readonly middle?: string | undefined;
  readonly greatest: string;
  readonly title: string;
  readonly note?: string | undefined;
}

const STEPS = 128;

/** What the colours over an image mean. It cannot be switched off: colours without their scale say nothing. */
export function ColourScale({ colours, least, middle, greatest, title, note }: ColourScaleProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context == null) return;
    const pixels = new ImageData(STEPS, 1);
    const values = Array.from({ length: STEPS }, (_, n) => n);
    paintValues(values, 0, STEPS - 1, colours, pixels.data);
    context.putImageData(pixels, 0, 0);
  }, [colours]);
  return (
    <div className="colour-scale">
      <span className="colour-title">{title}</span>
      {note !== undefined && <span className="colour-note">{note}</span>}
      <canvas ref={canvas} className="colour-bar" width={STEPS} height={1} />
      <span className="colour-ends numbers">
        <span>{least}</span>
        {middle !== undefined && <span>{middle}</span>}
        <span>{greatest}</span>
      </span>
    </div>
  );
}
