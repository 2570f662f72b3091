import { TandemError } from '../../../errors.ts';
import { nextMarker, segment } from '../jpeg/segments.ts';
import { checkSize, corrupt, type FrameSize, type Samples } from '../samples.ts';
import { codingParameters, DEFAULT_PRESETS, type Presets } from './parameters.ts';
import { decodeScan } from './scan.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DRI = 0xdd;
const SOF55 = 0xf7;
const LSE = 0xf8;

/**
 * Decodes a grey JPEG-LS image (ITU-T T.87), lossless or near-lossless.
 * @param size of the image by its header, which the codestream must have
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format` (mapping tables, restart markers)
 */
export function decodeJpegLs(bytes: Uint8Array, size: FrameSize): Samples {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw corrupt('JPEG-LS', 'they do not begin like a JPEG');
  let precision: number | undefined;
  let presets = DEFAULT_PRESETS;
  let at = 2;
  for (;;) {
    const { marker, at: start } = nextMarker(bytes, at);
    if (marker === EOI) throw corrupt('JPEG-LS', 'they have no pixels');
    const data = segment(bytes, start);
    at = start + data.length + 2;
    if (marker === SOF55) precision = frameHeader(data, size);
    else if (marker === LSE) presets = readPresets(data);
    else if (marker === DRI && data.some((byte) => byte !== 0)) throw unsupported('restart markers');
    else if (marker === SOS) {
      if (precision === undefined) throw corrupt('JPEG-LS', 'a scan comes before the frame header');
      // One component with its mapping table, then NEAR, interleave and point transform.
      if (data.length !== 6 || data[0] !== 1) throw corrupt('JPEG-LS', 'their scan header is malformed');
      if (data[2] !== 0) throw unsupported('mapping tables');
      if ((data[5]! & 15) !== 0) throw unsupported('a point transform');
      const coding = codingParameters(precision, data[3]!, presets);
      return { values: decodeScan(bytes, at, size, coding), precision, signed: false };
    }
  }
}

function frameHeader(data: Uint8Array, size: FrameSize): number {
  const components = data[5] ?? 0;
  if (data.length !== 6 + 3 * components) throw corrupt('JPEG-LS', 'their frame header has the wrong length');
  const precision = data[0]!;
  if (precision < 2 || precision > 16) throw corrupt('JPEG-LS', `${precision} bits are not possible`);
  const rows = data[1]! * 256 + data[2]!;
  checkSize('JPEG-LS', { rows, columns: data[3]! * 256 + data[4]!, components }, size);
  return precision;
}

/** T.87, C.2.4.1: preset parameters; the other kinds are of palettes and of images too large for a header. */
function readPresets(data: Uint8Array): Presets {
  if (data[0] !== 1) throw unsupported('mapping tables or an oversize image');
  if (data.length !== 11) throw corrupt('JPEG-LS', 'their coding parameters have the wrong length');
  const number = (n: number) => data[1 + 2 * n]! * 256 + data[2 + 2 * n]!;
  return { maxValue: number(0), thresholds: [number(1), number(2), number(3)], reset: number(4) };
}

function unsupported(what: string): TandemError {
  return new TandemError('unsupported-format', `JPEG-LS pixels with ${what} are not read`, {
    hint: 'Export the series uncompressed.',
  });
}
