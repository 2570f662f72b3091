import { C } from './companionTags.ts';
import { type DataSet, longs, pointers, sequence, text } from './dataSet.ts';

/** One way in which the frames of an object are ordered. */
export interface Dimension {
  /** The attribute whose value the index stands for. */
  readonly pointer: number;
  /** The functional group that it is in. */
  readonly group: number;
  readonly label: string;
}

export const BY_POSITION: Dimension = {
  pointer: C.ImagePositionPatient,
  group: C.PlanePositionSequence,
  label: 'Image Position Patient',
};
export const BY_SEGMENT: Dimension = {
  pointer: C.ReferencedSegmentNumber,
  group: C.SegmentIdentificationSequence,
  label: 'Segment Number',
};

/** Multi-frame Dimension module (PS3.3, C.7.6.17): the first dimension is the outermost. */
export function dimensionModule(organizationUid: string, dimensions: readonly Dimension[]): DataSet {
  return [
    sequence(C.DimensionOrganizationSequence, [text(C.DimensionOrganizationUID, 'UI', organizationUid)]),
    sequence(
      C.DimensionIndexSequence,
      ...dimensions.map(({ pointer, group, label }) => [
        text(C.DimensionOrganizationUID, 'UI', organizationUid),
        pointers(C.DimensionIndexPointer, pointer),
        pointers(C.FunctionalGroupPointer, group),
        text(C.DimensionDescriptionLabel, 'LO', label),
      ]),
    ),
  ];
}

/** Frame Content functional group of one frame: its 1-based index in each dimension. */
export function frameContent(...indices: readonly number[]): DataSet {
  return [sequence(C.FrameContentSequence, [longs(C.DimensionIndexValues, ...indices)])];
}
