/** SOP classes and other UIDs of the DICOM network (PS3.4, PS3.6 annex A). */

export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';
export const VERIFICATION = '1.2.840.10008.1.1';
/** A DICOMDIR (PS3.10, section 8.6): a list of the files beside it, no object to be sent. */
export const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';

export const PATIENT_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.1.1';
export const STUDY_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.2.1';
export const STUDY_ROOT_MOVE = '1.2.840.10008.5.1.4.1.2.2.2';
export const STUDY_ROOT_GET = '1.2.840.10008.5.1.4.1.2.2.3';

const STORAGE_ROOT = '1.2.840.10008.5.1.4.1.1.';

/** Whether a SOP class stores objects: all of these, and nothing else, lie below one root (PS3.4, B.5). */
export function isStorageClass(uid: string): boolean {
  return uid.startsWith(STORAGE_ROOT);
}

/**
 * What a retrieval asks for where the other side cannot be asked which classes a study holds: what MR and
 * this workstation write, the likeliest first.
 */
export const MR_STORAGE_CLASSES: readonly string[] = [
  '4', // MR Image
  '4.1', // Enhanced MR Image
  '7', // Secondary Capture Image
  '66.4', // Segmentation
  '30', // Parametric Map
  '66.1', // Spatial Registration
  '88.34', // Comprehensive 3D Structured Report
  '88.33', // Comprehensive Structured Report
  '4.2', // MR Spectroscopy
  '66', // Raw Data
].map((tail) => `${STORAGE_ROOT}${tail}`);

/** At most 64 digits and dots, a digit first and last: safe as a file name, whatever a peer sends. */
export function isUid(text: string): boolean {
  return text.length <= 64 && /^\d+(\.\d+)*$/.test(text);
}
