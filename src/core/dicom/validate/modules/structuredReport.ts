import { C } from '../../derived/companionTags.ts';
import type { DataSet } from '../../derived/dataSet.ts';
import { stringOf } from '../checkedObject.ts';
import { type Module, type1, type2, type3 } from '../requirement.ts';
import { CODE, COMPOSITE, ENHANCED_GENERAL_EQUIPMENT, INSTANCE } from './common.ts';

const RELATIONSHIPS = [
  'CONTAINS',
  'HAS OBS CONTEXT',
  'HAS ACQ CONTEXT',
  'HAS CONCEPT MOD',
  'HAS PROPERTIES',
  'INFERRED FROM',
  'SELECTED FROM',
];
/** Value types of Comprehensive 3D SR (PS3.3, A.35.13.3.1.1). */
const VALUE_TYPES = ['TEXT', 'CODE', 'NUM', 'DATETIME', 'DATE', 'TIME', 'UIDREF', 'PNAME'].concat([
  'SCOORD',
  'SCOORD3D',
  'TCOORD',
  'COMPOSITE',
  'IMAGE',
  'WAVEFORM',
  'CONTAINER',
]);

const is =
  (...types: readonly string[]) =>
  (item: DataSet): boolean =>
    types.includes(stringOf(item, C.ValueType));

/** What an item says, by its value type (PS3.3, C.17.3 and C.18). */
const VALUE: Module = [
  type1(C.ConceptNameCodeSequence, {
    when: is('TEXT', 'CODE', 'NUM', 'UIDREF', 'PNAME', 'DATE', 'TIME', 'DATETIME'),
    items: CODE,
  }),
  type1(C.ContinuityOfContent, { when: is('CONTAINER'), oneOf: ['SEPARATE', 'CONTINUOUS'] }),
  type1(C.TextValue, { when: is('TEXT') }),
  type1(C.ConceptCodeSequence, { when: is('CODE'), items: CODE }),
  type1(C.UID, { when: is('UIDREF') }),
  type1(C.PersonName, { when: is('PNAME') }),
  type2(C.MeasuredValueSequence, {
    when: is('NUM'),
    items: [type1(C.NumericValue), type1(C.MeasurementUnitsCodeSequence, { items: CODE })],
  }),
  type1(C.ReferencedSOPSequence, { when: is('IMAGE', 'COMPOSITE', 'WAVEFORM'), items: INSTANCE }),
  type3(C.ContentTemplateSequence, { items: [type1(C.MappingResource), type1(C.TemplateIdentifier)] }),
  type3(C.ContentSequence, { items: () => CONTENT_ITEM }),
];

const CONTENT_ITEM: Module = [
  type1(C.RelationshipType, { oneOf: RELATIONSHIPS }),
  type1(C.ValueType, { oneOf: VALUE_TYPES }),
  ...VALUE,
];

/** PS3.3, C.17.2.1: evidence by study, series and instance. */
const EVIDENCE: Module = [
  type1(C.StudyInstanceUID),
  type1(C.ReferencedSeriesSequence, {
    items: [type1(C.SeriesInstanceUID), type1(C.ReferencedSOPSequence, { items: INSTANCE })],
  }),
];

/** Comprehensive 3D SR Storage (PS3.3, A.35.13). */
export const STRUCTURED_REPORT: Module = [
  ...COMPOSITE,
  type1(C.Modality, { oneOf: ['SR'] }),
  type1(C.SeriesNumber),
  type2(C.ReferencedPerformedProcedureStepSequence),
  ...ENHANCED_GENERAL_EQUIPMENT,
  type1(C.InstanceNumber),
  type1(C.ContentDate),
  type1(C.ContentTime),
  type1(C.CompletionFlag, { oneOf: ['PARTIAL', 'COMPLETE'] }),
  type1(C.VerificationFlag, { oneOf: ['UNVERIFIED', 'VERIFIED'] }),
  type3(C.PreliminaryFlag, { oneOf: ['PRELIMINARY', 'FINAL'] }),
  type2(C.PerformedProcedureCodeSequence),
  type3(C.CurrentRequestedProcedureEvidenceSequence, { items: EVIDENCE }),
  type3(C.PertinentOtherEvidenceSequence, { items: EVIDENCE }),
  type1(C.ValueType, { oneOf: ['CONTAINER'] }),
  type1(C.ConceptNameCodeSequence, { items: CODE }),
  type1(C.ContentSequence, { items: () => CONTENT_ITEM }),
  ...VALUE.filter(({ tag }) => tag !== C.ContentSequence && tag !== C.ConceptNameCodeSequence),
];
