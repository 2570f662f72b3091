/** What can be asked of a PACS (PS3.4, annex C; PS3.18 for the web): attributes by keyword, values as text. */

export const QUERY_LEVELS = ['patient', 'study', 'series', 'image'] as const;
export type QueryLevel = (typeof QUERY_LEVELS)[number];

interface QueryAttribute {
  readonly tag: number;
  readonly vr: string;
  /** The level that it belongs to; it can be asked for there and below. */
  readonly level: QueryLevel;
}

const attribute = (tag: number, vr: string, level: QueryLevel): QueryAttribute => ({ tag, vr, level });

/** What can be asked for and is shown, by keyword. */
export const QUERY_ATTRIBUTES = {
  PatientName: attribute(0x00100010, 'PN', 'patient'),
  PatientID: attribute(0x00100020, 'LO', 'patient'),
  PatientBirthDate: attribute(0x00100030, 'DA', 'patient'),
  PatientSex: attribute(0x00100040, 'CS', 'patient'),
  StudyDate: attribute(0x00080020, 'DA', 'study'),
  StudyTime: attribute(0x00080030, 'TM', 'study'),
  AccessionNumber: attribute(0x00080050, 'SH', 'study'),
  ModalitiesInStudy: attribute(0x00080061, 'CS', 'study'),
  ReferringPhysicianName: attribute(0x00080090, 'PN', 'study'),
  StudyDescription: attribute(0x00081030, 'LO', 'study'),
  StudyInstanceUID: attribute(0x0020000d, 'UI', 'study'),
  StudyID: attribute(0x00200010, 'SH', 'study'),
  NumberOfStudyRelatedSeries: attribute(0x00201206, 'IS', 'study'),
  NumberOfStudyRelatedInstances: attribute(0x00201208, 'IS', 'study'),
  Modality: attribute(0x00080060, 'CS', 'series'),
  SeriesDescription: attribute(0x0008103e, 'LO', 'series'),
  BodyPartExamined: attribute(0x00180015, 'CS', 'series'),
  ProtocolName: attribute(0x00181030, 'LO', 'series'),
  SeriesInstanceUID: attribute(0x0020000e, 'UI', 'series'),
  SeriesNumber: attribute(0x00200011, 'IS', 'series'),
  NumberOfSeriesRelatedInstances: attribute(0x00201209, 'IS', 'series'),
  SOPClassUID: attribute(0x00080016, 'UI', 'image'),
  SOPInstanceUID: attribute(0x00080018, 'UI', 'image'),
  InstanceNumber: attribute(0x00200013, 'IS', 'image'),
} as const satisfies Record<string, QueryAttribute>;

export type QueryKeyword = keyof typeof QUERY_ATTRIBUTES;
export const QUERY_KEYWORDS = Object.keys(QUERY_ATTRIBUTES) as QueryKeyword[];

/** Attributes with a value; several values are joined with backslashes. */
export type QueryValues = Readonly<Partial<Record<QueryKeyword, string>>>;

/** Keywords that a query of a level returns: its own, and the unique keys above it. */
export function returnedKeywords(level: QueryLevel): QueryKeyword[] {
  const above: Record<QueryLevel, readonly QueryKeyword[]> = {
    patient: [],
    study: ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex'],
    series: ['StudyInstanceUID'],
    image: ['StudyInstanceUID', 'SeriesInstanceUID'],
  };
  const own = QUERY_KEYWORDS.filter((keyword) => QUERY_ATTRIBUTES[keyword].level === level);
  return [...above[level], ...own];
}

/** Whether what was found fits a key: PACS differ in what they match on, and some return all they have. */
export function matchesUids(found: QueryValues, keys: QueryValues): boolean {
  const uids = ['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'] as const;
  return uids.every((keyword) => {
    const asked = keys[keyword];
    const value = found[keyword];
    return !asked || value === undefined || asked.split('\\').includes(value);
  });
}
