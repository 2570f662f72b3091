import { createHmac } from 'node:crypto';
import type { ConfidentialityRow } from '../../../../src/core/dicom/deidentify/confidentialityTable.ts';
import type { KeyedHash } from '../../../../src/core/dicom/deidentify/pseudonyms.ts';
import { type DataElement, sequence, text } from '../../../../src/core/dicom/derived/dataSet.ts';
import type { VrDictionary } from '../../../../src/core/dicom/derived/dictionary.ts';

/** Values that must be nowhere in what is written. */
export const CANARIES = ['CANARY', '20260704', '112233', '1.2.3.999.77.5', '077Y'] as const;

export const hashOfKey =
  (key: string): KeyedHash =>
  (message) =>
    new Uint8Array(createHmac('sha256', key).update(message).digest());

const VALUES: Readonly<Record<string, string>> = {
  AE: 'CANARY_AE',
  AS: '077Y',
  CS: 'CANARY',
  DA: '20260704',
  DS: '77',
  DT: '20260704112233.5+0200',
  IS: '77',
  LO: 'CANARY 12345 Street',
  LT: 'CANARY',
  PN: 'CANARY^PERSON',
  SH: 'CANARY',
  ST: 'CANARY',
  TM: '112233',
  UC: 'CANARY',
  UI: '1.2.3.999.77.5',
  UR: 'http://CANARY',
  UT: 'CANARY',
};

/** A tag that a row of the table stands for. */
export function tagOf({ pattern }: ConfidentialityRow): number {
  if (pattern === 'private') return 0x00091001;
  return Number.parseInt(pattern.replace(/^50x{6}$/, '50000010').replace('60xx', '6000'), 16);
}

/** The row's attribute with a value that gives somebody away. */
export function sampleOf(row: ConfidentialityRow, dictionary: VrDictionary): DataElement {
  const tag = tagOf(row);
  const vr = vrOf(row, dictionary);
  if (vr === 'SQ') return sequence(tag, [text(0x00080090, 'PN', 'CANARY^DOCTOR')]);
  const value = VALUES[vr];
  if (value !== undefined) return text(tag, vr, value);
  return { tag, vr, value: new TextEncoder().encode('CANARY!!') };
}

export function vrOf(row: ConfidentialityRow, dictionary: VrDictionary): string {
  if (row.pattern === 'private') return 'LO';
  if (row.pattern.startsWith('50')) return 'OW';
  if (row.pattern === '60xx3000') return 'OW';
  if (row.pattern === '60xx4000') return 'LT';
  const vr = dictionary(tagOf(row))!;
  return vr === 'ox' ? 'OB' : vr === 'xs' ? 'US' : vr;
}
