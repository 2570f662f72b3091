import { cross, dot, norm, subtract, type Vec3 } from '../volume/vec.ts';
import type { InstanceGeometry } from './imageGeometry.ts';
import type { Instance } from './instance.ts';

/** Direction cosines that differ by less are the same orientation (0.1°). */
const SAME_DIRECTION = 2e-3;
/** Images of one place whose positions differ by less, mm: headers round to a thousandth at best. */
const SAME_ALONG_MM = 0.005;
const SAME_ACROSS_MM = 0.05;

/** Whether two orientations are the same; those of images without geometry are. */
export function sameOrientation(a: Instance, b: Instance): boolean {
  if (a.geometry === undefined || b.geometry === undefined) return true;
  return sameAxes(a.geometry, b.geometry);
}

function sameAxes(a: InstanceGeometry, b: InstanceGeometry): boolean {
  const near = (x: Vec3, y: Vec3) => x.every((value, n) => Math.abs(value - y[n]!) <= SAME_DIRECTION);
  return near(a.iAxisLps, b.iAxisLps) && near(a.jAxisLps, b.jAxisLps);
}

/**
 * Which images lie at one place: the same number for those of the same orientation and position, but for
 * rounding. Undefined for an image without geometry.
 */
export function numberPlaces(instances: readonly Instance[]): ReadonlyMap<Instance, number> {
  const places = new Map<Instance, number>();
  let count = 0;
  for (const group of byOrientation(instances)) {
    const { iAxisLps, jAxisLps } = group[0]!.geometry!;
    const normal = cross(iAxisLps, jAxisLps);
    const sorted = group
      .map((instance) => ({ instance, at: dot(instance.geometry!.positionLps, normal) }))
      .sort((a, b) => a.at - b.at);
    // Places that a position so near along the normal can belong to: overlapping stacks have several.
    let near: { at: number; position: Vec3; id: number }[] = [];
    for (const { instance, at } of sorted) {
      const position = instance.geometry!.positionLps;
      near = near.filter((place) => at - place.at <= SAME_ALONG_MM);
      let place = near.find((other) => norm(subtract(other.position, position)) <= SAME_ACROSS_MM);
      if (place === undefined) {
        place = { at, position, id: count++ };
        near.push(place);
      } else place.at = at;
      places.set(instance, place.id);
    }
  }
  return places;
}

function byOrientation(instances: readonly Instance[]): Instance[][] {
  const groups: Instance[][] = [];
  for (const instance of instances) {
    const { geometry } = instance;
    if (geometry === undefined) continue;
    const group = groups.find((candidate) => sameAxes(candidate[0]!.geometry!, geometry));
    if (group === undefined) groups.push([instance]);
    else group.push(instance);
  }
  return groups;
}
