import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { C } from '../../../src/core/dicom/derived/companionTags.ts';
import {
  decimals,
  doubles,
  integers,
  longs,
  sequence,
  shorts,
  text,
} from '../../../src/core/dicom/derived/dataSet.ts';
import { formatTag } from '../../../src/core/dicom/tags.ts';
import type { CheckedObject } from '../../../src/core/dicom/validate/checkedObject.ts';
import type { FindingCode } from '../../../src/core/dicom/validate/finding.ts';
import { sopClassOf } from '../../../src/core/dicom/validate/sopClasses.ts';
import {
  type COMPANIONS,
  check,
  type GoodObjects,
  goodObjects,
  withElement,
  without,
} from './goodObjects.ts';

let root: string;
let good: GoodObjects;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-validate-'));
  good = await goodObjects(root);
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const everything = () => [...good.enhanced, ...Object.values(good.companions)];
/** The enhanced series with one slice changed. */
const slice = (n: number, change: (object: CheckedObject) => CheckedObject) =>
  good.enhanced.map((object, at) => (at === n ? change(object) : object));

describe('what is written', () => {
  it('has nothing that is found, its source given or not', () => {
    expect(check(good, everything()).findings).toEqual([]);
    const { findings, series } = check(good, everything(), { hasSource: true });
    expect(findings).toEqual([]);
    expect(series).toBe(5);
  });
});

type Break = (objects: GoodObjects) => readonly CheckedObject[];
const one =
  (n: number, change: (object: CheckedObject) => CheckedObject): Break =>
  (objects) =>
    objects.enhanced.map((object, at) => (at === n ? change(object) : object));
const all =
  (change: (object: CheckedObject, n: number) => CheckedObject): Break =>
  (objects) =>
    objects.enhanced.map(change);
const companion =
  (kind: (typeof COMPANIONS)[number], change: (object: CheckedObject) => CheckedObject): Break =>
  (objects) => [change(objects.companions[kind])];

const PER_FRAME = C.PerFrameFunctionalGroupsSequence;
const SHARED = C.SharedFunctionalGroupsSequence;

/** Every way in which a good object is broken: what, how, what is found, about what. */
const BROKEN: readonly (readonly [string, Break, FindingCode, number])[] = [
  // Required attributes, types and values (PS3.3).
  ['no patient name', one(1, (o) => without(o, C.PatientName)), 'missing', C.PatientName],
  ['no scanning sequence', one(1, (o) => without(o, C.ScanningSequence)), 'missing', C.ScanningSequence],
  [
    'an empty scanning sequence',
    one(1, (o) => withElement(o, text(C.ScanningSequence, 'CS'))),
    'empty',
    C.ScanningSequence,
  ],
  ['blanks for a value', one(1, (o) => withElement(o, text(C.Modality, 'CS', '  '))), 'empty', C.Modality],
  ['no echo time', one(1, (o) => without(o, C.EchoTime)), 'missing', C.EchoTime],
  [
    'inversion recovery without inversion time',
    one(1, (o) => without(withElement(o, text(C.ScanningSequence, 'CS', 'SE', 'IR')), C.InversionTime)),
    'missing',
    C.InversionTime,
  ],
  [
    'another modality',
    companion('segmentation', (o) => withElement(o, text(C.Modality, 'CS', 'MR'))),
    'value-not-allowed',
    C.Modality,
  ],
  [
    'eight bits',
    one(0, (o) => withElement(o, shorts(C.BitsAllocated, [8]))),
    'value-not-allowed',
    C.BitsAllocated,
  ],
  [
    'a wrong image type',
    one(0, (o) => withElement(o, text(C.ImageType, 'CS', 'MADE', 'SECONDARY'))),
    'value-not-allowed',
    C.ImageType,
  ],
  [
    'equipment without a purpose',
    one(0, (o) => without(o, C.PurposeOfReferenceCodeSequence, [C.ContributingEquipmentSequence])),
    'missing',
    C.PurposeOfReferenceCodeSequence,
  ],
  [
    'a code without a meaning',
    one(0, (o) => without(o, C.CodeMeaning, [C.DerivationCodeSequence])),
    'missing',
    C.CodeMeaning,
  ],
  [
    'a segment without a type',
    companion('segmentation', (o) => without(o, C.SegmentedPropertyTypeCodeSequence, [C.SegmentSequence])),
    'missing',
    C.SegmentedPropertyTypeCodeSequence,
  ],
  [
    'a segment by a nameless algorithm',
    companion('segmentation', (o) => without(o, C.SegmentAlgorithmName, [C.SegmentSequence])),
    'missing',
    C.SegmentAlgorithmName,
  ],
  [
    'a map without its quantity’s label',
    companion('map', (o) => without(o, C.LUTLabel, [SHARED, C.RealWorldValueMappingSequence])),
    'missing',
    C.LUTLabel,
  ],
  [
    'a map without units',
    companion('map', (o) =>
      withElement(o, sequence(C.MeasurementUnitsCodeSequence), [SHARED, C.RealWorldValueMappingSequence]),
    ),
    'empty',
    C.MeasurementUnitsCodeSequence,
  ],
  [
    'a registration without a matrix',
    companion('registration', (o) =>
      without(o, C.MatrixSequence, [C.RegistrationSequence, C.MatrixRegistrationSequence]),
    ),
    'missing',
    C.MatrixSequence,
  ],
  [
    'a report’s item without a relationship',
    companion('report', (o) => without(o, C.RelationshipType, [C.ContentSequence])),
    'missing',
    C.RelationshipType,
  ],
  [
    'a coded item without its code',
    companion('report', (o) => without(o, C.ConceptCodeSequence, [C.ContentSequence])),
    'missing',
    C.ConceptCodeSequence,
  ],
  [
    'a wrong completion flag',
    companion('report', (o) => withElement(o, text(C.CompletionFlag, 'CS', 'DONE'))),
    'value-not-allowed',
    C.CompletionFlag,
  ],

  // Values (PS3.5).
  [
    'a long text',
    one(2, (o) => withElement(o, text(C.ProtocolName, 'LO', 'x'.repeat(66)))),
    'bad-value',
    C.ProtocolName,
  ],
  [
    'a number that is none',
    one(2, (o) => withElement(o, text(C.EchoTime, 'DS', '80 ms'))),
    'bad-value',
    C.EchoTime,
  ],
  [
    'a date that is none',
    one(2, (o) => withElement(o, text(C.SeriesDate, 'DA', '20261322'))),
    'bad-value',
    C.SeriesDate,
  ],
  [
    'an odd length',
    one(2, (o) => ({
      ...o,
      dataSet: o.dataSet.map((e) => (e.tag === C.StudyID ? { ...e, value: Uint8Array.of(0x41) } : e)),
    })),
    'bad-value',
    C.StudyID,
  ],
  [
    'half a number',
    one(2, (o) =>
      withElement(o, { tag: C.Rows, vr: 'US', value: Uint8Array.of(1, 0, 0, 0, 0, 0).subarray(0, 3) }),
    ),
    'bad-value',
    C.Rows,
  ],
  [
    'a value deep inside',
    one(2, (o) => withElement(o, text(C.CodeValue, 'SH', 'x'.repeat(18)), [C.DerivationCodeSequence])),
    'bad-value',
    C.CodeValue,
  ],
  ['another VR', one(2, (o) => withElement(o, doubles(C.EchoTime, 80))), 'wrong-vr', C.EchoTime],
  [
    'a second modality',
    one(2, (o) => withElement(o, text(C.Modality, 'CS', 'MR', 'CT'))),
    'wrong-multiplicity',
    C.Modality,
  ],
  [
    'one spacing',
    one(2, (o) => withElement(o, decimals(C.PixelSpacing, 1))),
    'wrong-multiplicity',
    C.PixelSpacing,
  ],
  [
    'letters of no character set',
    one(2, (o) =>
      without(
        withElement(o, { tag: C.PatientName, vr: 'PN', value: Uint8Array.of(0x4a, 0xe4) }),
        C.SpecificCharacterSet,
      ),
    ),
    'no-character-set',
    C.PatientName,
  ],
  [
    'elements out of order',
    one(2, (o) => ({ ...o, dataSet: [...o.dataSet.slice(1), o.dataSet[0]!] })),
    'order-of-elements',
    0x00080005,
  ],
  [
    'a UID with letters',
    one(2, (o) => withElement(o, text(C.FrameOfReferenceUID, 'UI', '1.2.x'))),
    'bad-uid',
    C.FrameOfReferenceUID,
  ],
  [
    'a UID with a zero before a number',
    one(2, (o) => withElement(o, text(C.ReferencedSOPInstanceUID, 'UI', '1.2.03'), [C.SourceImageSequence])),
    'bad-uid',
    C.ReferencedSOPInstanceUID,
  ],

  // File meta information (PS3.10).
  ['no file meta information', one(3, (o) => ({ ...o, meta: undefined })), 'file-meta', 0],
  [
    'a wrong group length',
    one(3, (o) => ({ ...o, meta: { ...o.meta!, groupBytes: o.meta!.groupBytes + 2 } })),
    'file-meta',
    0x00020000,
  ],
  [
    'another instance in the meta information',
    one(3, (o) => metaWith(o, text(C.MediaStorageSOPInstanceUID, 'UI', '1.2.3'))),
    'file-meta',
    C.MediaStorageSOPInstanceUID,
  ],
  [
    'another class in the meta information',
    one(3, (o) => metaWith(o, text(C.MediaStorageSOPClassUID, 'UI', '1.2.3'))),
    'file-meta',
    C.MediaStorageSOPClassUID,
  ],
  [
    'another transfer syntax',
    one(3, (o) => metaWith(o, text(C.TransferSyntaxUID, 'UI', '1.2.840.10008.1.2'))),
    'file-meta',
    C.TransferSyntaxUID,
  ],
  [
    'the other byte order',
    one(3, (o) => metaWith(o, text(C.TransferSyntaxUID, 'UI', '1.2.840.10008.1.2.2'))),
    'file-meta',
    C.TransferSyntaxUID,
  ],
  [
    'a compressed syntax',
    one(3, (o) => metaWith(o, text(C.TransferSyntaxUID, 'UI', '1.2.840.10008.1.2.4.90'))),
    'file-meta',
    C.TransferSyntaxUID,
  ],
  [
    'no transfer syntax',
    one(3, (o) => metaWith(o, text(C.TransferSyntaxUID, 'UI'))),
    'file-meta',
    C.TransferSyntaxUID,
  ],
  [
    'no implementation',
    one(3, (o) => metaWith(o, text(C.ImplementationClassUID, 'UI'))),
    'file-meta',
    C.ImplementationClassUID,
  ],
  [
    'a version that there is not',
    one(3, (o) => metaWith(o, { tag: C.FileMetaInformationVersion, vr: 'OB', value: Uint8Array.of(0, 2) })),
    'file-meta',
    C.FileMetaInformationVersion,
  ],

  // Geometry.
  [
    'an orientation of wrong length',
    all((o) => withElement(o, decimals(C.ImageOrientationPatient, 1.01, 0, 0, 0, 1, 0))),
    'orientation',
    C.ImageOrientationPatient,
  ],
  [
    'an orientation that is skewed',
    all((o) => withElement(o, decimals(C.ImageOrientationPatient, 1, 0, 0, 0.0348995, 0.9993908, 0))),
    'orientation',
    C.ImageOrientationPatient,
  ],
  [
    'a spacing of zero',
    one(1, (o) => withElement(o, decimals(C.PixelSpacing, 1, 0))),
    'spacing',
    C.PixelSpacing,
  ],
  [
    'a thickness of zero',
    one(1, (o) => withElement(o, decimals(C.SliceThickness, 0))),
    'spacing',
    C.SliceThickness,
  ],
  [
    'a wrong spacing between slices',
    all((o) => withElement(o, decimals(C.SpacingBetweenSlices, 7))),
    'spacing',
    C.SpacingBetweenSlices,
  ],
  [
    'two slices at one place',
    one(1, (o) => withElement(o, positionOf(good.enhanced[2]!))),
    'same-position',
    C.ImagePositionPatient,
  ],
  [
    'one slice turned',
    one(1, (o) => withElement(o, decimals(C.ImageOrientationPatient, 0, 1, 0, 0, 0, -1))),
    'mixed-orientation',
    C.ImageOrientationPatient,
  ],
  [
    'one slice with other pixels',
    one(1, (o) => withElement(o, decimals(C.PixelSpacing, 9, 9))),
    'spacing',
    C.PixelSpacing,
  ],
  [
    'numbers against the order',
    all((o, n) => withElement(o, integers(C.InstanceNumber, 5 - n))),
    'instance-numbers',
    C.InstanceNumber,
  ],
  [
    'a number twice',
    one(1, (o) => withElement(o, integers(C.InstanceNumber, 1))),
    'instance-numbers',
    C.InstanceNumber,
  ],

  // Pixels.
  ['one row more', one(4, (o) => withElement(o, shorts(C.Rows, [41]))), 'pixel-bytes', C.PixelData],
  [
    'fewer pixels',
    one(4, (o) => ({ ...o, pixels: { ...o.pixels!, bytes: o.pixels!.bytes - 2 } })),
    'pixel-bytes',
    C.PixelData,
  ],
  ['no pixels', one(4, (o) => ({ ...o, pixels: undefined })), 'pixel-bytes', C.PixelData],
  [
    'a file cut short',
    one(4, (o) => ({ ...o, pixels: { ...o.pixels!, available: 100 } })),
    'pixel-bytes',
    C.PixelData,
  ],
  [
    'a high bit that does not fit',
    one(4, (o) => withElement(o, shorts(C.HighBit, [14]))),
    'pixel-format',
    C.HighBit,
  ],
  ['no rows', one(4, (o) => withElement(o, shorts(C.Rows, [0]))), 'pixel-format', C.Rows],
  [
    'pixels in a report',
    companion('report', (o) => ({ ...o, pixels: good.enhanced[0]!.pixels })),
    'pixel-bytes',
    C.PixelData,
  ],
  [
    'one frame more',
    companion('segmentation', (o) => withElement(o, integers(C.NumberOfFrames, 8))),
    'pixel-bytes',
    C.PixelData,
  ],
  [
    'floating point of 64 bits',
    companion('map', (o) => withElement(o, shorts(C.BitsAllocated, [64]))),
    'pixel-format',
    C.BitsAllocated,
  ],

  // Frames.
  [
    'fewer functional groups',
    companion('map', (o) => withElement(o, integers(C.NumberOfFrames, 6))),
    'frames',
    PER_FRAME,
  ],
  [
    'a dimension index too few',
    companion('segmentation', (o) =>
      withElement(o, longs(C.DimensionIndexValues, 1), [PER_FRAME, C.FrameContentSequence]),
    ),
    'frames',
    C.DimensionIndexValues,
  ],
  [
    'the same index twice',
    companion('map', (o) =>
      withElement(o, longs(C.DimensionIndexValues, 2), [PER_FRAME, C.FrameContentSequence]),
    ),
    'frames',
    C.DimensionIndexValues,
  ],
  [
    'an index of zero',
    companion('map', (o) =>
      withElement(o, longs(C.DimensionIndexValues, 0), [PER_FRAME, C.FrameContentSequence]),
    ),
    'frames',
    C.DimensionIndexValues,
  ],
  ['frames upside down', companion('segmentation', upsideDown), 'frames', C.DimensionIndexValues],
  [
    'a frame without a position',
    companion('map', (o) => without(o, C.PlanePositionSequence, [PER_FRAME])),
    'missing',
    C.PlanePositionSequence,
  ],
  [
    'an orientation shared and skewed',
    companion('map', (o) =>
      withElement(o, decimals(C.ImageOrientationPatient, 1, 0, 0, 0.5, 0.8660254, 0), [
        SHARED,
        C.PlaneOrientationSequence,
      ]),
    ),
    'orientation',
    C.ImageOrientationPatient,
  ],
  [
    'a segment that there is not',
    companion('segmentation', (o) =>
      withElement(o, shorts(C.ReferencedSegmentNumber, [3]), [PER_FRAME, C.SegmentIdentificationSequence]),
    ),
    'segments',
    C.ReferencedSegmentNumber,
  ],
  [
    'a segment’s number',
    companion('segmentation', (o) => withElement(o, shorts(C.SegmentNumber, [2]), [C.SegmentSequence])),
    'segments',
    C.SegmentNumber,
  ],
  [
    'a matrix that is not rigid',
    companion('registration', (o) =>
      withElement(
        o,
        decimals(C.FrameOfReferenceTransformationMatrix, 1.1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
        [C.RegistrationSequence, C.MatrixRegistrationSequence, C.MatrixSequence],
      ),
    ),
    'matrix',
    C.FrameOfReferenceTransformationMatrix,
  ],
  [
    'a mirror for a rotation',
    companion('registration', (o) =>
      withElement(
        o,
        decimals(C.FrameOfReferenceTransformationMatrix, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
        [C.RegistrationSequence, C.MatrixRegistrationSequence, C.MatrixSequence],
      ),
    ),
    'matrix',
    C.FrameOfReferenceTransformationMatrix,
  ],

  // Over a series.
  [
    'two studies',
    one(1, (o) => withElement(o, text(C.StudyInstanceUID, 'UI', '1.2.3'))),
    'mixed-study',
    C.StudyInstanceUID,
  ],
  [
    'two frames of reference',
    one(1, (o) => withElement(o, text(C.FrameOfReferenceUID, 'UI', '1.2.3'))),
    'mixed-frame-of-reference',
    C.FrameOfReferenceUID,
  ],
  [
    'two patients',
    one(1, (o) => withElement(o, text(C.PatientID, 'LO', 'other'))),
    'mixed-patient',
    C.PatientID,
  ],
  ['two sizes', one(1, (o) => withElement(o, shorts(C.Columns, [20]))), 'mixed-series', C.Rows],
  [
    'the same instance twice',
    (objects) => [...objects.enhanced, objects.enhanced[0]!].map((o, n) => ({ ...o, file: `${o.file}${n}` })),
    'duplicate-instance',
    C.SOPInstanceUID,
  ],

  // References.
  [
    'an instance of its own series that is not there',
    one(1, (o) => withSource(o, '1.2.3', C.SourceImageSequence)),
    'unlisted-reference',
    C.ReferencedSOPInstanceUID,
  ],
  [
    'a reference to itself',
    one(1, (o) => withSource(o, '', C.SourceImageSequence)),
    'broken-reference',
    C.ReferencedSOPInstanceUID,
  ],
  [
    'an image that the evidence does not have',
    companion('report', (o) => without(o, C.CurrentRequestedProcedureEvidenceSequence)),
    'unlisted-reference',
    C.ReferencedSOPInstanceUID,
  ],

  // Marks.
  [
    'not for research',
    one(1, (o) => withElement(o, text(C.ContentQualification, 'CS', 'PRODUCT'))),
    'no-research-mark',
    C.ContentQualification,
  ],
  [
    'a map not for research',
    companion('map', (o) => withElement(o, text(C.ContentQualification, 'CS', 'PRODUCT'))),
    'no-research-mark',
    C.ContentQualification,
  ],
  [
    'a name that does not say so',
    one(1, (o) => withElement(o, text(C.SeriesDescription, 'LO', 'T2 axial'))),
    'no-research-mark',
    C.SeriesDescription,
  ],
  [
    'no name',
    companion('report', (o) => without(o, C.SeriesDescription)),
    'no-research-mark',
    C.SeriesDescription,
  ],
  [
    'nothing said of the equipment',
    one(1, (o) => without(o, C.ContributingEquipmentSequence)),
    'no-research-mark',
    C.ContributingEquipmentSequence,
  ],
];

function metaWith(object: CheckedObject, element: Parameters<typeof withElement>[1]): CheckedObject {
  const meta = withElement({ ...object, dataSet: object.meta!.dataSet }, element).dataSet;
  return { ...object, meta: { ...object.meta!, dataSet: meta } };
}

function positionOf({ dataSet }: CheckedObject) {
  return dataSet.find(({ tag }) => tag === C.ImagePositionPatient)!;
}

/** Names another instance as source: this very one where no UID is given. */
function withSource(object: CheckedObject, uid: string, tag: number): CheckedObject {
  const own = object.dataSet.find((element) => element.tag === C.SOPInstanceUID)!;
  const element =
    uid === '' ? { ...own, tag: C.ReferencedSOPInstanceUID } : text(C.ReferencedSOPInstanceUID, 'UI', uid);
  return withElement(object, element, [tag]);
}

/** The planes of the frames in reverse: each label lies on the wrong one. */
function upsideDown(object: CheckedObject): CheckedObject {
  const frames = object.dataSet.find(({ tag }) => tag === PER_FRAME)!;
  const items = frames.value as readonly CheckedObject['dataSet'][];
  const planes = items.map((item) => item.find(({ tag }) => tag === C.PlanePositionSequence)!);
  const swapped = items.map((item, n) =>
    item.map((element) =>
      element.tag === C.PlanePositionSequence ? planes[(n + 1) % planes.length]! : element,
    ),
  );
  return withElement(object, { ...frames, value: swapped });
}

describe('what is broken is found', () => {
  it.each(BROKEN)('%s', (_, breakIt, code, tag) => {
    const { findings } = check(good, breakIt(good));
    const found = findings.find(
      (finding) => finding.code === code && finding.tag.endsWith(tag === 0 ? '' : formatTag(tag)),
    );
    expect(found, JSON.stringify(findings)).toMatchObject({ severity: 'error', ofSource: false });
    expect(found!.message).not.toMatch(/undefined|NaN/);
  });

  it('every attribute of the tables, at the top, where it is missing and where it is empty', () => {
    for (const object of [good.enhanced[0]!, ...Object.values(good.companions)]) {
      const sopClass = String.fromCharCode(
        ...(object.dataSet.find(({ tag }) => tag === C.SOPClassUID)!.value as Uint8Array),
      );
      const { module } = sopClassOf(sopClass.replace(/\0$/, ''));
      expect(module.length).toBeGreaterThan(30);
      for (const { tag, type, when } of module) {
        if (when !== undefined || type === 3 || tag === C.SOPClassUID) continue;
        const missing = check(good, [without(object, tag)]).findings;
        expect(
          missing.some((one) => one.code === 'missing' && one.tag === formatTag(tag)),
          formatTag(tag),
        ).toBe(true);
        const element = object.dataSet.find((one) => one.tag === tag)!;
        const value = element.value instanceof Uint8Array ? new Uint8Array() : [];
        const empty = check(good, [withElement(object, { ...element, value })]).findings;
        const isType1 = module.some((one) => one.tag === tag && one.type === 1);
        expect(
          empty.some((one) => one.code === 'empty' && one.tag === formatTag(tag)),
          formatTag(tag),
        ).toBe(isType1);
      }
    }
  });

  it('a gap and an uneven step are told, and are no errors', () => {
    const gap = check(
      good,
      good.enhanced.filter((_, n) => n !== 2),
    ).findings;
    expect(gap).toMatchObject([{ severity: 'warning', code: 'gap', tag: formatTag(C.ImagePositionPatient) }]);
    const shifted = slice(2, (object) => {
      const [x, y, z] = String.fromCharCode(...(positionOf(object).value as Uint8Array))
        .split('\\')
        .map(Number);
      return withElement(object, decimals(C.ImagePositionPatient, x! + 3, y!, z! + 0.4));
    });
    const codes = check(good, shifted).findings.map(({ code, severity }) => `${severity} ${code}`);
    expect(new Set(codes)).toEqual(new Set(['warning uneven-spacing', 'warning shifted-in-plane']));
  });

  it('what all slices have alike is one finding', () => {
    const { findings } = check(
      good,
      good.enhanced.map((object) => without(object, C.PatientName)),
    );
    expect(findings).toMatchObject([{ code: 'missing', files: 5, file: good.enhanced[0]!.file }]);
  });
});

describe('references to the source', () => {
  const given = (objects: readonly CheckedObject[], sources?: readonly CheckedObject[]) =>
    check(good, objects, { hasSource: true, ...(sources === undefined ? {} : { sources }) }).findings;

  it('an instance that the source does not have is broken', () => {
    const found = given(
      good.enhanced,
      good.source.filter((_, n) => n !== 2),
    );
    expect(found.map(({ code }) => code)).toContain('broken-reference');
    expect(found[0]).toMatchObject({ severity: 'error' });
  });

  it('a series that was not given is told, and is no error', () => {
    const target = good.source.slice(0, 5);
    expect(given(good.enhanced, target)).toMatchObject([{ severity: 'warning', code: 'unknown-reference' }]);
  });

  it('a source that is nowhere named is no source', () => {
    const other = good.source.map((object, n) =>
      withElement(
        withElement(object, text(C.SOPInstanceUID, 'UI', `1.2.3.${n}`)),
        text(C.SeriesInstanceUID, 'UI', '1.2.4'),
      ),
    );
    const found = given(good.enhanced, other);
    expect(found.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'source-not-named', files: 5 },
    ]);
  });

  it('an instance in another series, study or class than it is in is broken', () => {
    for (const [tag, path] of [
      [C.SeriesInstanceUID, [C.ReferencedSeriesSequence]],
      [C.ReferencedSOPClassUID, [C.ReferencedSeriesSequence, C.ReferencedInstanceSequence]],
    ] as const) {
      const found = given(slice(1, (object) => withElement(object, text(tag, 'UI', '1.2.5'), path)));
      expect(
        found.map(({ code }) => code),
        formatTag(tag),
      ).toContain('broken-reference');
    }
    const elsewhere = good.source.map((object) =>
      withElement(object, text(C.StudyInstanceUID, 'UI', '1.2.6')),
    );
    expect(given(good.enhanced, elsewhere).map(({ code }) => code)).toContain('broken-reference');
  });

  it('what the source has wrong itself is marked as the source’s', () => {
    const sources = good.source.map((object) => without(object, C.EchoTrainLength));
    const found = given(
      slice(1, (object) => without(object, C.EchoTrainLength)),
      sources,
    );
    expect(found).toMatchObject([{ code: 'missing', severity: 'error', ofSource: true }]);
  });
});

describe('objects of others', () => {
  it('need no marks, and may be uneven', () => {
    const foreign = good.source
      .slice(0, 5)
      .map((object, n) => withElement(object, integers(C.InstanceNumber, n === 1 ? 1 : n + 1)));
    const found = check(good, foreign).findings;
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found.map(({ code }) => code)).toContain('instance-numbers');
  });

  it('of a class without tables are told to be checked in part', () => {
    const ct = text(C.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2');
    const foreign = metaWith(
      withElement(good.source[0]!, ct),
      text(C.MediaStorageSOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    );
    expect(check(good, [foreign]).findings).toMatchObject([
      { severity: 'warning', code: 'class-not-checked' },
    ]);
    expect(check(good, [without(foreign, C.PatientID)]).findings.map(({ code }) => code)).toContain(
      'missing',
    );
  });
});

it('a report of another program with evidence missing is told too', () => {
  const foreign = withElement(good.companions.report, text(C.Manufacturer, 'LO', 'Another'));
  const bare = without(foreign, C.CurrentRequestedProcedureEvidenceSequence);
  expect(check(good, [bare]).findings.map(({ code }) => code)).toEqual(['unlisted-reference']);
});
