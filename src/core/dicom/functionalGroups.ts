import { TandemError } from '../errors.ts';
import { Layers } from './attributes.ts';
import type { DataSet } from './dataSet.ts';
import { firstItem, sequenceItems } from './sequences.ts';
import { formatTag, TAG } from './tags.ts';

/**
 * Frames of an enhanced multi-frame object (PS3.3, C.7.6.16): attributes that describe a frame stand in
 * functional groups, shared by all frames or each frame's own. Pixels are not looked at.
 */

/** Functional group macros that say where a frame lies and how it was made, in MR, CT and PET. */
const MACROS: ReadonlySet<number> = new Set([
  0x00189006, // MR Imaging Modifier
  0x00189112, // MR Timing and Related Parameters
  0x00189114, // MR Echo
  0x00189115, // MR Modifier
  0x00189117, // MR Diffusion
  0x00189118, // Cardiac Synchronization
  0x00189119, // MR Averages
  0x00189125, // MR FOV/Geometry
  0x00189226, // MR Image Frame Type
  0x00189329, // CT Image Frame Type
  0x00209111, // Frame Content
  0x00209113, // Plane Position
  0x00209116, // Plane Orientation
  0x00209170, // Unassigned Shared Converted Attributes
  0x00209171, // Unassigned Per-Frame Converted Attributes
  0x00289110, // Pixel Measures
  0x00289132, // Frame VOI LUT
  0x00289145, // Pixel Value Transformation
  0x0062000a, // Segment Identification
]);
const DIFFUSION_DIRECTION = 0x00189076;

/**
 * The attributes of each frame, in the order of the frames, one at a time. The groups themselves are
 * among them, for those that may have several items.
 * @throws TandemError `bad-header`
 */
export function* frameAttributes(dataSet: DataSet): Generator<Layers> {
  const sharedItem = firstItem(dataSet, TAG.SharedFunctionalGroupsSequence);
  const shared = sharedItem === undefined ? [] : [...macrosIn(sharedItem), sharedItem];
  for (const frame of sequenceItems(dataSet, TAG.PerFrameFunctionalGroupsSequence)) {
    yield new Layers([...macrosIn(frame), frame, ...shared, dataSet]);
  }
}

/** The attributes of one frame alone. @param frame from 0 */
export function attributesOfFrame(dataSet: DataSet, frame: number): Layers {
  let n = 0;
  for (const attributes of frameAttributes(dataSet)) if (n++ === frame) return attributes;
  throw new TandemError(
    'bad-header',
    `The header describes ${n} frames, and frame ${frame + 1} is asked for`,
  );
}

function macrosIn(item: DataSet): DataSet[] {
  const layers: DataSet[] = [];
  for (const tag of item.tags()) {
    if (!MACROS.has(tag)) continue;
    const macro = firstItem(item, tag);
    if (macro === undefined) continue;
    layers.push(macro);
    const direction = firstItem(macro, DIFFUSION_DIRECTION);
    if (direction !== undefined) layers.push(direction);
  }
  return layers;
}

/** One dimension that frames are numbered along (PS3.3, C.7.6.17). */
export interface Dimension {
  /** Place of its value in Dimension Index Values. */
  readonly index: number;
  readonly name: string;
}

/** Dimensions that say where a frame lies, not what it shows. */
const SPATIAL: ReadonlySet<number> = new Set([TAG.StackId, 0x00209057, TAG.ImagePositionPatient, 0x00209301]);

/** The dimensions of an object other than those of space. */
export function otherDimensions(dataSet: DataSet): Dimension[] {
  const dimensions: Dimension[] = [];
  let index = 0;
  for (const item of sequenceItems(dataSet, TAG.DimensionIndexSequence)) {
    const pointer = pointerOf(item);
    if (pointer !== undefined && !SPATIAL.has(pointer)) {
      dimensions.push({ index, name: item.text(TAG.DimensionDescriptionLabel) || formatTag(pointer) });
    }
    index++;
  }
  return dimensions;
}

/** An AT is two 16-bit numbers: group, element. */
function pointerOf(item: DataSet): number | undefined {
  const place = item.place(TAG.DimensionIndexPointer);
  if (place?.length !== 4) return undefined;
  const { bytes, littleEndian } = item;
  const view = new DataView(bytes.buffer, bytes.byteOffset + place.offset, 4);
  return view.getUint16(0, littleEndian) * 0x10000 + view.getUint16(2, littleEndian);
}

/** `Diffusion b-value 2, Image Type 1`: a frame's place along the given dimensions. */
export function placeAlong(dimensions: readonly Dimension[], frame: Layers): string | undefined {
  const values = frame.numbers(TAG.DimensionIndexValues, 'UL');
  if (values === undefined || dimensions.length === 0) return undefined;
  return dimensions.map(({ index, name }) => `${name} ${values[index] ?? '?'}`).join(', ');
}

/** Whether a data set describes its frames by functional groups. */
export function hasFunctionalGroups(dataSet: DataSet): boolean {
  return (dataSet.place(TAG.PerFrameFunctionalGroupsSequence)?.length ?? 0) > 0;
}
