import {
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../transferSyntax.ts';

/** For commands' own data sets: queries and what is found. */
export const QUERY_SYNTAXES: readonly string[] = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN];

/**
 * What is taken from the network: bytes are kept as they come, so whatever a file can be written in is
 * welcome, whether its pixels can be read here or not. In the order in which a retrieval proposes them.
 */
export const STORED_SYNTAXES: readonly string[] = [
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  '1.2.840.10008.1.2.4.90', // JPEG 2000 lossless
  '1.2.840.10008.1.2.4.91', // JPEG 2000
  '1.2.840.10008.1.2.4.70', // JPEG lossless, first-order prediction
  '1.2.840.10008.1.2.4.57', // JPEG lossless
  '1.2.840.10008.1.2.4.50', // JPEG baseline
  '1.2.840.10008.1.2.4.51', // JPEG extended
  '1.2.840.10008.1.2.4.80', // JPEG-LS lossless
  '1.2.840.10008.1.2.4.81', // JPEG-LS near-lossless
  '1.2.840.10008.1.2.5', // RLE
  '1.2.840.10008.1.2.4.201', // HTJ2K lossless
  '1.2.840.10008.1.2.4.202', // HTJ2K lossless, RPCL
  '1.2.840.10008.1.2.4.203', // HTJ2K
  '1.2.840.10008.1.2.4.110', // JPEG XL lossless
  '1.2.840.10008.1.2.4.111', // JPEG XL of a JPEG
  '1.2.840.10008.1.2.4.112', // JPEG XL
  DEFLATED_LITTLE_ENDIAN,
  EXPLICIT_BIG_ENDIAN,
  '1.2.840.10008.1.2.1.98', // encapsulated uncompressed
  '1.2.840.10008.1.2.4.53', // retired JPEG
  '1.2.840.10008.1.2.4.55', // retired JPEG
];
