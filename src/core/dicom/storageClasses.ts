/** SOP classes of MR images (PS3.6, annex A). */

/** MR Image Storage, one file a slice. */
export const MR_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.4';
/** Enhanced MR Image Storage, one file of many frames. */
export const ENHANCED_MR_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.4.1';
/** Legacy Converted Enhanced MR Image Storage: classic images put together, of which less is known. */
export const LEGACY_CONVERTED_ENHANCED_MR_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.4.4';
