import type { ReactNode } from 'react';
import type { Vec3 } from '../../../core/volume/vec.ts';
import { lpsToScreen, type ViewCamera } from '../../viewer/camera.ts';

/** Radius of the ring, as a share of the shorter side of the plane. */
const RING = 0.36;
/** How near to the ring counts as on it, pixels. */
export const RING_REACH_PX = 12;

/** The ring that turns the reference: its middle is where the centre of the target's volume is seen. */
export function ringOf(
  camera: ViewCamera,
  centre: Vec3,
): { readonly x: number; readonly y: number; readonly radius: number } {
  const [x, y] = lpsToScreen(camera, centre);
  return { x, y, radius: RING * Math.min(camera.size.width, camera.size.height) };
}

/** What can be taken hold of: the ring turns, everything else moves. */
export function MoveHandles(props: { readonly camera: ViewCamera; readonly centre: Vec3 }): ReactNode {
  const { width, height } = props.camera.size;
  const { x, y, radius } = ringOf(props.camera, props.centre);
  return (
    <svg className="overlay align-handles" width={width} height={height} aria-hidden="true">
      <circle className="ring-shadow" cx={x} cy={y} r={radius} />
      <circle className="ring" cx={x} cy={y} r={radius} />
      {[0, 90, 180, 270].map((angle) => (
        <circle
          key={angle}
          className="knob"
          cx={x + radius * Math.cos((angle * Math.PI) / 180)}
          cy={y + radius * Math.sin((angle * Math.PI) / 180)}
          r={5}
        />
      ))}
      <path className="cross" d={`M${x - 7} ${y}H${x + 7}M${x} ${y - 7}V${y + 7}`} />
    </svg>
  );
}
