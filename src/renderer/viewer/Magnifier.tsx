import { type ReactNode, useEffect, useRef } from 'react';
import { sampleLattice } from '../../core/volume/sampleAt.ts';
import { addScaled, scale } from '../../core/volume/vec.ts';
import { type DisplayWindow, useView } from '../state/view.ts';
import { lpsToScreen, screenToLps } from './camera.ts';
import { paintValues } from './colourMaps.ts';
import { followPointer } from './pointerPlace.ts';
import type { CellScene } from './Viewport.tsx';
import { voxelsOf } from './voxelStore.ts';

const SIDE_PX = 190;
const FACTOR = 3;

interface MagnifierProps {
  readonly scene: CellScene;
  readonly window: DisplayWindow;
  readonly colours: Uint8Array;
}

/**
 * A lens at the pointer. It is made from the voxels, not from the picture below it, and shows the same place in
 * every cell, so that series can be compared in detail.
 */
export function Magnifier({ scene, window: shown, colours }: MagnifierProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const smooth = useView((view) => view.smooth);
  const { camera, column } = scene;

  useEffect(() => {
    if (camera === undefined || column === undefined) return;
    const side = Math.round(SIDE_PX * window.devicePixelRatio);
    return followPointer((place) => {
      const element = canvas.current;
      const image = voxelsOf(column.key);
      if (element === null) return;
      element.style.display = place === undefined || image === undefined ? 'none' : 'block';
      if (place === undefined || image === undefined) return;
      if (element.width !== side) {
        element.width = side;
        element.height = side;
      }
      const mm = camera.mmPerPixel / FACTOR / window.devicePixelRatio;
      const { right, down } = camera.plane;
      const [x, y] = lpsToScreen(camera, place.lps);
      // The pointer may be in a cell of another plane: the lens lies in this one.
      const corner = addScaled(screenToLps(camera, x, y), right, (-mm * (side - 1)) / 2);
      const values = sampleLattice(
        image,
        {
          originLps: addScaled(corner, down, (-mm * (side - 1)) / 2),
          columnStepLps: scale(right, mm),
          rowStepLps: scale(down, mm),
          columns: side,
          rows: side,
          slice: undefined,
        },
        smooth ? 'linear' : 'nearest',
      );
      const pixels = new ImageData(side, side);
      paintValues(
        values,
        shown.center - shown.width / 2,
        shown.center + shown.width / 2,
        colours,
        pixels.data,
      );
      element.getContext('2d')?.putImageData(pixels, 0, 0);
      element.style.left = `${x - SIDE_PX / 2}px`;
      element.style.top = `${y - SIDE_PX / 2}px`;
    });
  }, [camera, column, colours, shown, smooth]);

  return <canvas ref={canvas} className="magnifier" data-magnifier="" aria-hidden />;
}
