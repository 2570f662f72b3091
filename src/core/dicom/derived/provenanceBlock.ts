import { type DataSet, sequence, shorts, text } from './dataSet.ts';

/** Tandem MR's private block: its creator, group, and the element (of 00–FF) that holds the provenance. */
export const PRIVATE_CREATOR = 'TANDEM MR 1';
export const PRIVATE_GROUP = 0x0099;
const BLOCK = 0x10;
const PROVENANCE = 0x01;

export const P = {
  PrivateDataElementCharacteristicsSequence: 0x00080300,
  PrivateGroupReference: 0x00080301,
  PrivateCreatorReference: 0x00080302,
  BlockIdentifyingInformationStatus: 0x00080303,
  NonidentifyingPrivateElements: 0x00080304,
  Creator: PRIVATE_GROUP * 0x10000 + BLOCK,
  Provenance: PRIVATE_GROUP * 0x10000 + BLOCK * 0x100 + PROVENANCE,
} as const;

/**
 * Provenance as canonical JSON in a private block that says of itself that nothing in it identifies anybody
 * (Private Data Element Characteristics, PS3.3 C.12.1.1.7): de-identification keeps it.
 *
 * @param json ASCII; UIDs in it are replaced with all others when the object is de-identified.
 */
export function provenanceBlock(json: string): DataSet {
  return [
    sequence(P.PrivateDataElementCharacteristicsSequence, [
      shorts(P.PrivateGroupReference, [PRIVATE_GROUP]),
      text(P.PrivateCreatorReference, 'LO', PRIVATE_CREATOR),
      text(P.BlockIdentifyingInformationStatus, 'CS', 'SAFE'),
    ]),
    text(P.Creator, 'LO', PRIVATE_CREATOR),
    text(P.Provenance, 'UT', json),
  ];
}

/** JSON in ASCII with the keys of every object in order: the same content is the same text. */
export function canonicalJson(value: unknown): string {
  const json = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
