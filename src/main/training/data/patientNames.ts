import { createHash } from 'node:crypto';

/**
 * How a DICOM patient is called where the Patient ID must not stand: `patient-<12 hex>` by the ID, and
 * `patient-<12 hex>-<8 hex>` where its issuer is said, for two hospitals may number different people alike.
 */

const NAME = /^(patient-[0-9a-f]{12})(-[0-9a-f]{8})?$/;

/** @param issuer '' where it is not said */
export function dicomPatient(id: string, issuer: string): string {
  const name = `patient-${hexOf(id, 12)}`;
  return issuer === '' ? name : `${name}-${hexOf(issuer, 8)}`;
}

/** The beginning of a hash, as names of studies and patients have it. */
export function hexOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/**
 * Whether two names are of one patient: the same name, or the same Patient ID of which only one says its issuer.
 * An archive that begins to state it must not make two people of one.
 */
export function isSamePatient(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [NAME.exec(a), NAME.exec(b)];
  return (
    one !== null &&
    other !== null &&
    one[1] === other[1] &&
    (one[2] === undefined) !== (other[2] === undefined)
  );
}
