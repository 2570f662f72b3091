import { type Code, codeItem } from './codes.ts';
import { C } from './companionTags.ts';
import {
  type DataElement,
  type DataSet,
  decimals,
  doubles,
  integers,
  sequence,
  shorts,
  text,
} from './dataSet.ts';
import { type InstanceReference, instanceItem } from './references.ts';

/** Content items of a structured report (PS3.3, C.17.3), built by hand: each says how it belongs to its parent. */

export type Relationship = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'HAS PROPERTIES';

function item(
  relationship: Relationship,
  valueType: string,
  name: Code,
  value: readonly DataElement[],
  children: readonly DataSet[] = [],
): DataSet {
  return [
    text(C.RelationshipType, 'CS', relationship),
    text(C.ValueType, 'CS', valueType),
    sequence(C.ConceptNameCodeSequence, codeItem(name)),
    ...value,
    ...(children.length === 0 ? [] : [sequence(C.ContentSequence, ...children)]),
  ];
}

export function codeContent(
  relationship: Relationship,
  name: Code,
  value: Code,
  children: readonly DataSet[] = [],
): DataSet {
  return item(relationship, 'CODE', name, [sequence(C.ConceptCodeSequence, codeItem(value))], children);
}

export function textContent(relationship: Relationship, name: Code, value: string): DataSet {
  return item(relationship, 'TEXT', name, [text(C.TextValue, 'UT', value)]);
}

export function uidContent(relationship: Relationship, name: Code, uid: string): DataSet {
  return item(relationship, 'UIDREF', name, [text(C.UID, 'UI', uid)]);
}

/** @param person name as DICOM writes it, `Family^Given`. */
export function personContent(relationship: Relationship, name: Code, person: string): DataSet {
  return item(relationship, 'PNAME', name, [text(C.PersonName, 'PN', person)]);
}

/** A number with its UCUM unit: as decimal text and, exact, as a 64-bit number. */
export function numberContent(
  relationship: Relationship,
  name: Code,
  value: number,
  units: Code,
  children: readonly DataSet[] = [],
): DataSet {
  const measured = [
    sequence(C.MeasurementUnitsCodeSequence, codeItem(units)),
    decimals(C.NumericValue, value),
    doubles(C.FloatingPointValue, value),
  ];
  return item(relationship, 'NUM', name, [sequence(C.MeasuredValueSequence, measured)], children);
}

/** An image, or frames or segments of one. */
export function imageContent(
  relationship: Relationship,
  name: Code,
  image: InstanceReference,
  part: { readonly frames?: readonly number[]; readonly segments?: readonly number[] } = {},
): DataSet {
  const { frames = [], segments = [] } = part;
  return item(relationship, 'IMAGE', name, [
    sequence(C.ReferencedSOPSequence, [
      ...instanceItem(image),
      ...(frames.length === 0 ? [] : [integers(C.ReferencedFrameNumber, ...frames)]),
      ...(segments.length === 0 ? [] : [shorts(C.ReferencedSegmentNumber, segments)]),
    ]),
  ]);
}

/** @param template of DCMR that the container follows. */
export function containerContent(
  relationship: Relationship,
  name: Code,
  children: readonly DataSet[],
  template?: string,
): DataSet {
  return item(relationship, 'CONTAINER', name, containerValue(template), children);
}

/** The root of a report's content: it belongs to nothing. */
export function rootContainer(name: Code, template: string, children: readonly DataSet[]): DataSet {
  return [
    text(C.ValueType, 'CS', 'CONTAINER'),
    sequence(C.ConceptNameCodeSequence, codeItem(name)),
    ...containerValue(template),
    sequence(C.ContentSequence, ...children),
  ];
}

function containerValue(template: string | undefined): DataElement[] {
  return [
    text(C.ContinuityOfContent, 'CS', 'SEPARATE'),
    ...(template === undefined
      ? []
      : [
          sequence(C.ContentTemplateSequence, [
            text(C.MappingResource, 'CS', 'DCMR'),
            text(C.TemplateIdentifier, 'CS', template),
          ]),
        ]),
  ];
}
