/** Tandem MR's own UIDs: UUIDs chosen once, under 2.25 (PS3.5, annex B.2). */
export const IMPLEMENTATION_CLASS_UID = '2.25.109054183500661614478734946114240722857';
export const IMPLEMENTATION_VERSION_NAME = 'TANDEM_MR';
export const CODING_SCHEME_UID = '2.25.310217861030250397830745496966075339281';

export {
  ENHANCED_MR_IMAGE_STORAGE,
  LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE,
  MR_IMAGE_STORAGE,
} from '../storageClasses.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
/** Label Map Segmentation Storage: the same, whose pixels are the segments' numbers. */
export const LABEL_MAP_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7';
export const PARAMETRIC_MAP_STORAGE = '1.2.840.10008.5.1.4.1.1.30';
export const SPATIAL_REGISTRATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.1';
export const COMPREHENSIVE_3D_SR_STORAGE = '1.2.840.10008.5.1.4.1.1.88.34';

/**
 * A UID `2.25.<decimal>` from the first 16 bytes of a hash, as a UUID of version 8 (RFC 9562: content of
 * the maker's own) and the usual variant. The same hash gives the same UID.
 */
export function uidFromDigest(digest: Uint8Array): string {
  if (digest.length < 16) throw new RangeError('A UID needs a hash of at least 16 bytes.');
  let value = 0n;
  digest.subarray(0, 16).forEach((byte, n) => {
    const fixed = n === 6 ? (byte & 0x0f) | 0x80 : n === 8 ? (byte & 0x3f) | 0x80 : byte;
    value = value * 256n + BigInt(fixed);
  });
  return `2.25.${value}`;
}
