/** Transfer syntaxes (PS3.5, section 10 and annex A; PS3.6, annex A): how a data set and its pixels are written. */

export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const DEFLATED_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';

/**
 * What the pixels of a syntax are made of: `native` bytes in one piece, native frames in fragments, or the
 * codestream of a codec.
 */
export type PixelCoding = 'native' | 'fragments' | PixelCodec;
export type PixelCodec = 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000';

interface Syntax {
  readonly name: string;
  /** Undefined where pixels in it are not read. */
  readonly coding?: PixelCoding;
  /** `may`: the syntax holds either, and only the image can say which. */
  readonly lossy?: 'always' | 'may';
}

const SYNTAXES: Readonly<Record<string, Syntax>> = {
  [IMPLICIT_LITTLE_ENDIAN]: { name: 'Implicit VR Little Endian', coding: 'native' },
  [EXPLICIT_LITTLE_ENDIAN]: { name: 'Explicit VR Little Endian', coding: 'native' },
  [DEFLATED_LITTLE_ENDIAN]: { name: 'Deflated Explicit VR Little Endian', coding: 'native' },
  [EXPLICIT_BIG_ENDIAN]: { name: 'Explicit VR Big Endian', coding: 'native' },
  '1.2.840.10008.1.2.1.98': {
    name: 'Encapsulated Uncompressed Explicit VR Little Endian',
    coding: 'fragments',
  },
  '1.2.840.10008.1.2.4.50': { name: 'JPEG Baseline (process 1)', coding: 'jpeg', lossy: 'always' },
  '1.2.840.10008.1.2.4.51': { name: 'JPEG Extended (processes 2 and 4)', coding: 'jpeg', lossy: 'always' },
  '1.2.840.10008.1.2.4.53': {
    name: 'JPEG Spectral Selection (processes 6 and 8, retired)',
    coding: 'jpeg',
    lossy: 'always',
  },
  '1.2.840.10008.1.2.4.55': {
    name: 'JPEG Full Progression (processes 10 and 12, retired)',
    coding: 'jpeg',
    lossy: 'always',
  },
  '1.2.840.10008.1.2.4.57': { name: 'JPEG Lossless (process 14)', coding: 'jpeg' },
  '1.2.840.10008.1.2.4.70': { name: 'JPEG Lossless (process 14, first-order prediction)', coding: 'jpeg' },
  '1.2.840.10008.1.2.4.80': { name: 'JPEG-LS Lossless', coding: 'jpeg-ls' },
  '1.2.840.10008.1.2.4.81': { name: 'JPEG-LS Near-lossless', coding: 'jpeg-ls', lossy: 'may' },
  '1.2.840.10008.1.2.4.90': { name: 'JPEG 2000 Lossless', coding: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.91': { name: 'JPEG 2000', coding: 'jpeg-2000', lossy: 'may' },
  '1.2.840.10008.1.2.4.92': { name: 'JPEG 2000 Part 2 Multi-component Lossless' },
  '1.2.840.10008.1.2.4.93': { name: 'JPEG 2000 Part 2 Multi-component', lossy: 'may' },
  '1.2.840.10008.1.2.4.94': { name: 'JPIP Referenced' },
  '1.2.840.10008.1.2.4.95': { name: 'JPIP Referenced Deflate' },
  '1.2.840.10008.1.2.4.100': { name: 'MPEG2 Main Profile / Main Level', lossy: 'always' },
  '1.2.840.10008.1.2.4.101': { name: 'MPEG2 Main Profile / High Level', lossy: 'always' },
  '1.2.840.10008.1.2.4.102': { name: 'MPEG-4 AVC/H.264 High Profile / Level 4.1', lossy: 'always' },
  '1.2.840.10008.1.2.4.103': { name: 'MPEG-4 AVC/H.264 BD-compatible', lossy: 'always' },
  '1.2.840.10008.1.2.4.104': { name: 'MPEG-4 AVC/H.264 Level 4.2 for 2D video', lossy: 'always' },
  '1.2.840.10008.1.2.4.105': { name: 'MPEG-4 AVC/H.264 Level 4.2 for 3D video', lossy: 'always' },
  '1.2.840.10008.1.2.4.106': { name: 'MPEG-4 AVC/H.264 Stereo', lossy: 'always' },
  '1.2.840.10008.1.2.4.107': { name: 'HEVC/H.265 Main Profile', lossy: 'always' },
  '1.2.840.10008.1.2.4.108': { name: 'HEVC/H.265 Main 10 Profile', lossy: 'always' },
  '1.2.840.10008.1.2.4.110': { name: 'JPEG XL Lossless' },
  '1.2.840.10008.1.2.4.111': { name: 'JPEG XL JPEG Recompression', lossy: 'always' },
  '1.2.840.10008.1.2.4.112': { name: 'JPEG XL', lossy: 'may' },
  '1.2.840.10008.1.2.4.201': { name: 'High-Throughput JPEG 2000 Lossless', coding: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.202': { name: 'High-Throughput JPEG 2000 Lossless (RPCL)', coding: 'jpeg-2000' },
  '1.2.840.10008.1.2.4.203': { name: 'High-Throughput JPEG 2000', coding: 'jpeg-2000', lossy: 'may' },
  '1.2.840.10008.1.2.4.204': { name: 'JPIP HTJ2K Referenced' },
  '1.2.840.10008.1.2.4.205': { name: 'JPIP HTJ2K Referenced Deflate' },
  '1.2.840.10008.1.2.5': { name: 'RLE Lossless', coding: 'rle' },
  '1.2.840.10008.1.2.8.1': { name: 'Deflated Image Frame Compression' },
};

/** What pixels in this syntax are made of; undefined where they cannot be read. */
export function pixelCoding(uid: string): PixelCoding | undefined {
  return SYNTAXES[uid]?.coding;
}

/**
 * Whether an image in this syntax has been compressed with loss. Where the syntax leaves it open it is taken
 * to have been, unless the image says that it was not.
 * @param declared Lossy Image Compression (0028,2110), where the image has it
 */
export function isLossy(uid: string, declared: string | undefined): boolean {
  const { lossy } = SYNTAXES[uid] ?? {};
  return declared === '01' || lossy === 'always' || (lossy === 'may' && declared !== '00');
}

/** `JPEG 2000 Lossless (1.2.840.10008.1.2.4.90)`; the bare UID where it has no name here. */
export function describeSyntax(uid: string): string {
  const name = SYNTAXES[uid]?.name;
  return name === undefined ? uid : `${name} (${uid})`;
}
