import {
  ACQUISITION_EQUIPMENT,
  type Code,
  codeItem,
  FRAME_EXTRACTING_EQUIPMENT,
  MULTI_FRAME_CONVERSION_EQUIPMENT,
  PROCESSING_EQUIPMENT,
} from './codes.ts';
import { type DataElement, type DataSet, sequence, text } from './dataSet.ts';
import { type EnhancementFacts, unacceptedMark } from './provenance.ts';
import { T } from './tags.ts';

export const MANUFACTURER = 'Tandem MR';

/** A program cannot have a serial number of its own; type 1 wants one (Enhanced General Equipment, PS3.3 C.7.5.2). */
export const SERIAL_NUMBER = '1';

/** How the form of an export differs from its source's: images taken out of frames, or put together as frames. */
export type Conversion = 'frames-extracted' | 'frames-made';

/** UIDs of what contributed; a model's changes with its weights, the program's with its version. */
export interface DeviceUids {
  readonly application: string;
  readonly model: string;
}

/** General Equipment: what created **these** instances, which is not the scanner. */
export function generalEquipment(appVersion: string): DataSet {
  return [
    text(T.Manufacturer, 'LO', MANUFACTURER),
    text(T.ManufacturerModelName, 'LO', MANUFACTURER),
    text(T.SoftwareVersions, 'LO', appVersion),
  ];
}

const SCANNER_ATTRIBUTES: ReadonlySet<number> = new Set([
  T.Manufacturer,
  T.InstitutionName,
  T.InstitutionAddress,
  T.StationName,
  T.InstitutionalDepartmentName,
  T.ManufacturerModelName,
  T.DeviceSerialNumber,
  T.SoftwareVersions,
  T.DateOfLastCalibration,
  T.TimeOfLastCalibration,
]);

/**
 * Contributing Equipment Sequence (PS3.3, section C.12.1.1.5): what had contributed to the source already,
 * the scanner, the program, one item for each algorithm, and one for the conversion where the form is not the
 * source's.
 *
 * @param dateTime DT of the processing.
 */
export function contributingEquipment(
  source: DataSet,
  facts: EnhancementFacts,
  uids: DeviceUids,
  dateTime: string,
  conversion?: Conversion | undefined,
): DataElement {
  const earlier = source.find(({ tag }) => tag === T.ContributingEquipmentSequence)?.value;
  const ours = (
    model: string,
    version: string,
    description: string,
    deviceUid?: string,
    role: Code = PROCESSING_EQUIPMENT,
  ): DataSet => [
    ...purpose(role),
    text(T.Manufacturer, 'LO', MANUFACTURER),
    text(T.ManufacturerModelName, 'LO', model.slice(0, 64)),
    text(T.SoftwareVersions, 'LO', version.slice(0, 64)),
    ...(deviceUid === undefined ? [] : [text(T.DeviceUID, 'UI', deviceUid)]),
    text(T.ContributionDateTime, 'DT', dateTime),
    text(T.ContributionDescription, 'ST', description),
  ];
  const { model, registration, appVersion } = facts;
  const mark = unacceptedMark(model.state);
  const state = mark === undefined ? '' : `${mark} `;
  const usesRegistration = facts.referenceSeriesUid !== undefined && registration.verdict !== 'none';
  return sequence(
    T.ContributingEquipmentSequence,
    ...(Array.isArray(earlier) ? (earlier as readonly DataSet[]) : []),
    scanner(source),
    ours(MANUFACTURER, appVersion, 'Image enhancement; research use only', uids.application),
    ...(usesRegistration
      ? [
          registration.by === 'manual'
            ? ours('Manual alignment', appVersion, 'Reference onto target: rigid, position given by the user')
            : ours(
                'Rigid registration',
                appVersion,
                'Reference onto target: rigid, Mattes mutual information',
              ),
        ]
      : []),
    ours(
      model.id,
      model.version,
      `${state}Super-resolution network ${model.network} x${facts.scale}; weights sha256:${model.weightsSha256}; ${model.licence}`.slice(
        0,
        1024,
      ),
      uids.model,
    ),
    ...(conversion === undefined
      ? []
      : [
          ours(
            MANUFACTURER,
            appVersion,
            CONVERSIONS[conversion].words,
            uids.application,
            CONVERSIONS[conversion].role,
          ),
        ]),
  );
}

const CONVERSIONS: Readonly<Record<Conversion, { readonly role: Code; readonly words: string }>> = {
  'frames-extracted': {
    role: FRAME_EXTRACTING_EQUIPMENT,
    words: 'Images written one by one from frames of a multi-frame source; research use only',
  },
  'frames-made': {
    role: MULTI_FRAME_CONVERSION_EQUIPMENT,
    words: 'Single images of the source written as frames of one object; research use only',
  },
};

/** An item for the scanner that acquired a source. */
export function scanner(source: DataSet): DataSet {
  const facts = source.filter(({ tag, value }) => SCANNER_ATTRIBUTES.has(tag) && value.length > 0);
  const named = facts.some(({ tag }) => tag === T.Manufacturer);
  return [
    ...purpose(ACQUISITION_EQUIPMENT),
    // Type 1 here, type 2 in the source.
    ...(named ? [] : [text(T.Manufacturer, 'LO', 'UNKNOWN')]),
    ...facts,
  ];
}

/** Purpose of Reference Code Sequence with one code. */
export function purpose(code: Code): DataSet {
  return [sequence(T.PurposeOfReferenceCodeSequence, codeItem(code))];
}
