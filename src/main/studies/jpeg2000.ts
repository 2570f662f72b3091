import type { OpenJpeg } from '@cornerstonejs/codec-openjpeg/decodewasmjs';
import { type CodestreamHeader, checkCodestream } from '../../core/dicom/codecs/jpeg2000/header.ts';
import { corrupt, type FrameSize, type Samples } from '../../core/dicom/codecs/samples.ts';

const CODEC = 'JPEG 2000';

/** WebAssembly memory never shrinks: a module that has grown past this is let go. */
const LARGEST_MODULE_BYTES = 128 * 1024 * 1024;

/** What the decoder says and goes on after. */
const COMPLAINT = /^\[(ERROR|WARNING)\]/;
const END_MARKER = [0xff, 0xd9];

interface Decoder {
  readonly module: OpenJpeg;
  /** Since the last frame. */
  readonly complaints: string[];
}

let loaded: Promise<Decoder> | undefined;

/**
 * Decodes a grey JPEG 2000 or high-throughput JPEG 2000 codestream with OpenJPEG, which reads its
 * WebAssembly from its own package. It returns an image whatever it met on the way: here every complaint of
 * it is an error, because samples that it could not decode would pass for black ones.
 *
 * @param size of the image by its header, which the codestream must have
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format`, `too-large`
 */
export async function decodeJpeg2000(bytes: Uint8Array, size: FrameSize): Promise<Samples> {
  const header = checkCodestream(bytes, size);
  const { precision, signed } = header;
  loaded ??= load();
  const { module, complaints } = await loaded;
  complaints.length = 0;
  let decoded: Int32Array | undefined;
  try {
    decoded = decodeWith(module, bytes, size, header);
  } catch (error) {
    // Out of memory, or stopped in the middle: what the module holds cannot be trusted any more.
    loaded = undefined;
    throw corrupt(
      CODEC,
      error instanceof WebAssembly.RuntimeError ? error.message : 'they cannot be decoded',
    );
  }
  if (module.HEAPU8.length > LARGEST_MODULE_BYTES) loaded = undefined;
  const complaint = complaints[0];
  if (complaint !== undefined || decoded === undefined) {
    throw corrupt(CODEC, complaint?.replace(/^\[\w+\]\s*/, '').trim() ?? 'they cannot be decoded');
  }
  return { values: decoded, precision, signed };
}

async function load(): Promise<Decoder> {
  const { default: openJpeg } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
  const complaints: string[] = [];
  const listen = (line: string) => {
    if (complaints.length < 4 && COMPLAINT.test(line)) complaints.push(line);
  };
  return { module: await openJpeg({ print: listen, printErr: listen }), complaints };
}

/** The samples; undefined where the decoder gives another image than its header promised. */
function decodeWith(
  module: OpenJpeg,
  bytes: Uint8Array,
  { rows, columns }: FrameSize,
  { precision, signed, ended }: CodestreamHeader,
): Int32Array | undefined {
  const decoder = new module.J2KDecoder();
  try {
    const input = decoder.getEncodedBuffer(bytes.length + (ended ? 0 : END_MARKER.length));
    input.set(bytes);
    if (!ended) input.set(END_MARKER, bytes.length);
    decoder.decode();
    const frame = decoder.getFrameInfo();
    const out = decoder.getDecodedBuffer();
    const isPromised = frame.width === columns && frame.height === rows && frame.componentCount === 1;
    const width = precision <= 8 ? 1 : 2;
    if (!isPromised || out.length !== rows * columns * width) return undefined;
    if (width === 1) return Int32Array.from(signed ? new Int8Array(out.slice().buffer) : out);
    const { buffer } = out.slice();
    return Int32Array.from(signed ? new Int16Array(buffer) : new Uint16Array(buffer));
  } finally {
    decoder.delete();
  }
}
