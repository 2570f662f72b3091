import { uidFromDigest } from '../derived/uids.ts';

/** A keyed hash (HMAC-SHA-256) of a text, at least 32 bytes: whoever has the key can repeat it, nobody else. */
export type KeyedHash = (text: string) => Uint8Array;

/** UIDs under the standard's own root name classes, syntaxes and well-known things, never somebody's. */
export function isStandardUid(uid: string): boolean {
  return uid.startsWith('1.2.840.10008.');
}

/** The UID that stands for another one, always the same for one key. Standard ones stand for themselves. */
export function mapUid(hash: KeyedHash, uid: string): string {
  return uid === '' || isStandardUid(uid) ? uid : uidFromDigest(hash(`uid ${uid}`));
}

/** Of six parts or more, or a UUID under 2.25: version numbers have fewer. */
const UID_IN_TEXT = /(?<![\d.])(?:2\.25\.[1-9]\d{8,38}|[0-2](?:\.(?:0|[1-9]\d*)){5,})(?![\d.])/g;

/** Replaces every UID that stands in a text. */
export function mapUidsInText(hash: KeyedHash, text: string): string {
  return text.replaceAll(UID_IN_TEXT, (uid) => mapUid(hash, uid));
}

/** Patient ID and name of a patient, the same in all of their studies: `TMR-` and 12 digits. */
export function patientPseudonym(hash: KeyedHash, patient: string): string {
  return `TMR-${hexOf(hash(`patient ${patient}`), 6)}`;
}

/** Application Entity Title in place of another. */
export function aePseudonym(hash: KeyedHash, title: string): string {
  return `TMR_${hexOf(hash(`ae ${title}`), 5)}`;
}

/** Farthest that dates are moved, in days: ten years. */
const FARTHEST_DAYS = 3650;

/** By how many days all dates of a patient are moved: into the past, by one day at least. */
export function dateShiftDays(hash: KeyedHash, patient: string): number {
  const bytes = hash(`dates ${patient}`);
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return -(1 + (number % FARTHEST_DAYS));
}

function hexOf(bytes: Uint8Array, count: number): string {
  return Array.from(bytes.subarray(0, count), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}
