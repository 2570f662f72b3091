import { type ReactNode, useEffect, useRef } from 'react';
import { labelOf, labelRim } from '../../core/volume/labelImage.ts';
import { sampleLattice } from '../../core/volume/sampleAt.ts';
import { type Labelmap, useView } from '../state/view.ts';
import type { ViewCamera } from './camera.ts';
import { drawLattice, screenContext, screenLattice } from './latticeImage.ts';
import { voxelsOf } from './voxelStore.ts';

const OUTLINE_PX = 2;

/** Regions over an image: each point of the screen takes the label of the voxel that it lies in. */
export function LabelmapLayer(props: {
  readonly labelmap: Labelmap;
  readonly camera: ViewCamera;
}): ReactNode {
  const { labelmap, camera } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const ready = useView((view) => view.volumes[labelmap.key]?.status === 'ready');

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const context = screenContext(element, camera.size);
    const image = ready ? voxelsOf(labelmap.key) : undefined;
    if (context === undefined || image === undefined) return;
    const lattice = screenLattice(camera);
    const labels = sampleLattice(image, lattice, 'nearest');
    const { rows, columns } = lattice;
    const shown = labelmap.outline ? labelRim(labels, rows, columns, OUTLINE_PX) : labels;
    const colours = new Map(labelmap.labels.map(({ value, color }) => [value, color]));
    const pixels = new ImageData(columns, rows);
    for (let n = 0; n < shown.length; n++) {
      const label = labelOf(shown[n]!);
      const color = colours.get(label);
      if (color === undefined) continue;
      pixels.data.set(color, 4 * n);
      pixels.data[4 * n + 3] = 255;
    }
    context.globalAlpha = labelmap.opacity;
    drawLattice(context, pixels, lattice, camera, false);
  });

  return <canvas ref={canvas} className="labelmap" data-labelmap={labelmap.key} aria-hidden />;
}
