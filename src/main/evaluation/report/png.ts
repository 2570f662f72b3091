import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOUR_TYPES = { 1: 0, 3: 2 } as const;

/**
 * An 8-bit PNG (ISO/IEC 15948): greyscale of one channel, RGB of three.
 *
 * @param pixels row-major, channels interleaved: [rows, columns, channels]
 * @throws RangeError where the pixels are not so many.
 */
export function encodePng(pixels: Uint8Array, columns: number, rows: number, channels: 1 | 3): Buffer {
  const stride = columns * channels;
  if (pixels.length !== stride * rows) {
    throw new RangeError(`${pixels.length} bytes are no image of ${columns} × ${rows} × ${channels}`);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(rows, 4);
  header[8] = 8;
  header[9] = COLOUR_TYPES[channels];
  // Every line begins with its filter: 0, none.
  const lines = Buffer.alloc(rows * (stride + 1));
  for (let row = 0; row < rows; row++) {
    lines.set(pixels.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
