import { cross, dot, normalize } from '../../volume/vec.ts';
import { C } from '../derived/companionTags.ts';
import type { DataSet } from '../derived/dataSet.ts';
import { formatTag } from '../tags.ts';
import { elementOf, itemsOf, longsOf, numbersOf, shortsOf, stringOf } from './checkedObject.ts';
import type { Note } from './finding.ts';
import { checkStack, type PlacedPlanes } from './geometry.ts';

const PER_FRAME = C.PerFrameFunctionalGroupsSequence;
const SAME_MM = 1e-3;

/**
 * Holds the frames of an object against each other: as many functional groups as frames, dimension indices for
 * each dimension, planes that ascend with their index and are evenly spaced, segments that exist.
 */
export function checkFrames(dataSet: DataSet, planes: PlacedPlanes | undefined, note: Note): void {
  const frames = itemsOf(dataSet, PER_FRAME);
  if (elementOf(dataSet, PER_FRAME) === undefined) return;
  const [count] = numbersOf(dataSet, C.NumberOfFrames);
  if (count !== undefined && count !== frames.length) {
    note(
      'error',
      'frames',
      [PER_FRAME],
      `There are ${count} frames and functional groups for ${frames.length}`,
    );
  }
  checkDimensions(dataSet, frames, planes, note);
  checkSegments(dataSet, frames, note);
  if (planes === undefined) return;
  const distinct = distinctAlong(planes);
  // Frames of a segmentation are those that hold something: what is between may be empty.
  const isSparse = elementOf(dataSet, C.SegmentSequence) !== undefined;
  if (!isSparse && distinct.length > 1) {
    const place = [PER_FRAME, C.PlanePositionSequence, C.ImagePositionPatient];
    checkStack(
      distinct.map(({ positionLps }) => ({ positionLps, note })),
      planes,
      false,
      place,
    );
  }
}

function distinctAlong(planes: PlacedPlanes) {
  const normal = normalize(cross(planes.iAxisLps, planes.jAxisLps));
  const all = planes.positionsLps
    .map((positionLps) => ({ positionLps, along: dot(positionLps, normal) }))
    .sort((a, b) => a.along - b.along);
  return all.filter(({ along }, n) => n === 0 || along - all[n - 1]!.along > SAME_MM);
}

function checkDimensions(
  dataSet: DataSet,
  frames: readonly DataSet[],
  planes: PlacedPlanes | undefined,
  note: Note,
): void {
  const dimensions = itemsOf(dataSet, C.DimensionIndexSequence);
  if (dimensions.length === 0) return;
  const place = [PER_FRAME, C.FrameContentSequence, C.DimensionIndexValues];
  const indices = frames.map((frame) =>
    longsOf(itemsOf(frame, C.FrameContentSequence)[0] ?? [], C.DimensionIndexValues),
  );
  const wrong = indices.find((values) => values.length !== dimensions.length);
  if (wrong !== undefined) {
    note(
      'error',
      'frames',
      place,
      `A frame has ${wrong.length} dimension indices for ${dimensions.length} dimensions`,
    );
    return;
  }
  if (indices.some((values) => values.some((value) => value < 1))) {
    note('error', 'frames', place, 'A dimension index is 0; they begin with 1');
  }
  if (new Set(indices.map(String)).size !== indices.length) {
    note('error', 'frames', place, 'Two frames have the same dimension indices');
  }
  checkPointers(dataSet, dimensions, frames, note);
  const byPosition = dimensions.findIndex((dimension) => isOfPosition(dimension, frames));
  if (byPosition >= 0 && planes !== undefined) {
    checkPositionIndex(
      indices.map((values) => values[byPosition]!),
      planes,
      note,
      place,
    );
  }
}

/** Dimensions that count positions along the normal; places in a stack do where there is one stack. */
function isOfPosition(dimension: DataSet, frames: readonly DataSet[]): boolean {
  const pointer = tagOf(dimension, C.DimensionIndexPointer);
  if (pointer === C.ImagePositionPatient) return true;
  if (pointer !== IN_STACK_POSITION) return false;
  return new Set(frames.map((frame) => stringOf(contentOf(frame), C.StackId))).size === 1;
}

function isPrivate(tag: number): boolean {
  return (tag >>> 16) % 2 === 1;
}

const IN_STACK_POSITION = 0x00209057;

function contentOf(frame: DataSet): DataSet {
  return itemsOf(frame, C.FrameContentSequence)[0] ?? [];
}

/** Each dimension is of an organization that the object has, and points to what its frames say (PS3.3, C.7.6.17). */
function checkPointers(
  dataSet: DataSet,
  dimensions: readonly DataSet[],
  frames: readonly DataSet[],
  note: Note,
): void {
  const organizations = itemsOf(dataSet, C.DimensionOrganizationSequence).map((item) =>
    stringOf(item, C.DimensionOrganizationUID),
  );
  const [shared = []] = itemsOf(dataSet, C.SharedFunctionalGroupsSequence);
  for (const dimension of dimensions) {
    const uid = stringOf(dimension, C.DimensionOrganizationUID);
    if (uid !== '' && !organizations.includes(uid)) {
      const place = [C.DimensionIndexSequence, C.DimensionOrganizationUID];
      note('error', 'frames', place, 'A dimension is of an organization that the object does not have');
    }
    const pointer = tagOf(dimension, C.DimensionIndexPointer);
    const group = tagOf(dimension, C.FunctionalGroupPointer);
    // What a private dimension points to is the vendor's.
    if (pointer === undefined || group === undefined || isPrivate(pointer) || isPrivate(group)) continue;
    const holders = (frame: DataSet) => [frame, shared].flatMap((holder) => itemsOf(holder, group));
    if (frames.every((frame) => holders(frame).some((item) => elementOf(item, pointer) !== undefined)))
      continue;
    const place = [C.DimensionIndexSequence, C.DimensionIndexPointer];
    note('error', 'frames', place, `A dimension points to ${formatTag(pointer)}, which not every frame has`);
  }
}

/** A position's index goes one way along the normal: an index that does not is how labels are turned upside down. */
function checkPositionIndex(
  indices: readonly number[],
  planes: PlacedPlanes,
  note: Note,
  place: readonly number[],
): void {
  const normal = normalize(cross(planes.iAxisLps, planes.jAxisLps));
  const placed = planes.positionsLps
    .map((position, n) => ({ index: indices[n]!, along: dot(position, normal) }))
    .sort((a, b) => a.index - b.index);
  const pairs = placed.slice(1).map((after, n) => ({ before: placed[n]!, after }));
  const goesUp = pairs.some(
    ({ before, after }) => after.index > before.index && after.along > before.along + SAME_MM,
  );
  const fits = pairs.every(({ before, after }) => {
    const step = after.along - before.along;
    if (before.index === after.index) return Math.abs(step) <= SAME_MM;
    return goesUp ? step > SAME_MM : step < -SAME_MM;
  });
  if (!fits)
    note('error', 'frames', place, 'The index of the position does not follow the positions of the frames');
}

/** The one value of an AT. */
function tagOf(dimension: DataSet, tag: number): number | undefined {
  const [group, element] = shortsOf(dimension, tag);
  return group === undefined || element === undefined ? undefined : group * 0x10000 + element;
}

function checkSegments(dataSet: DataSet, frames: readonly DataSet[], note: Note): void {
  const segments = itemsOf(dataSet, C.SegmentSequence);
  if (segments.length === 0) return;
  const numbers = segments.map((segment) => shortsOf(segment, C.SegmentNumber)[0]);
  if (numbers.some((number, n) => number !== n + 1)) {
    note(
      'error',
      'segments',
      [C.SegmentSequence, C.SegmentNumber],
      `Segment numbers are ${numbers.join(', ')}; they must be 1, 2, 3 …`,
    );
  }
  const [shared = []] = itemsOf(dataSet, C.SharedFunctionalGroupsSequence);
  for (const frame of frames) {
    const group = [frame, shared].flatMap((holder) => itemsOf(holder, C.SegmentIdentificationSequence));
    for (const item of group) {
      for (const number of shortsOf(item, C.ReferencedSegmentNumber)) {
        if (numbers.includes(number)) continue;
        const place = [PER_FRAME, C.SegmentIdentificationSequence, C.ReferencedSegmentNumber];
        note(
          'error',
          'segments',
          place,
          `A frame is of segment ${number}, which ${formatTag(C.SegmentSequence)} does not have`,
        );
      }
    }
  }
}
