import loadOpenJpeg from '@cornerstonejs/codec-openjpeg/wasmjs';
import loadOpenJph from '@cornerstonejs/codec-openjph/wasmjs';

/** A new object each time: the module is built into it. */
const quiet = () => ({ print: () => undefined, printErr: () => undefined });

/** `quantisation` is that of a lossy codestream; without it every value is kept. */
export interface Encoding {
  readonly bits: number;
  readonly signed?: boolean;
  readonly quantisation?: number;
  readonly order?: number;
}

async function htEncoder() {
  return new (await loadOpenJph(quiet())).HTJ2KEncoder();
}

async function j2kEncoder(quantisation: number | undefined) {
  const encoder = new (await loadOpenJpeg(quiet())).J2KEncoder();
  if (quantisation !== undefined) encoder.setCompressionRatio(0, 1 / quantisation);
  return encoder;
}

/** A grey codestream of JPEG 2000, or of its high-throughput form. */
export async function encodeJpeg2000(
  codec: 'j2k' | 'ht',
  samples: readonly number[],
  { bits, signed = false, quantisation, order }: Encoding,
  size: { readonly rows: number; readonly columns: number },
): Promise<Uint8Array> {
  const encoder = codec === 'ht' ? await htEncoder() : await j2kEncoder(quantisation);
  const frame = {
    width: size.columns,
    height: size.rows,
    bitsPerSample: bits,
    componentCount: 1,
    isSigned: signed,
    isUsingColorTransform: false,
  };
  const bytes = bits <= 8 ? Uint8Array.from(samples) : new Uint8Array(Uint16Array.from(samples).buffer);
  encoder.getDecodedBuffer(frame).set(bytes);
  if (order !== undefined) encoder.setProgressionOrder(order);
  encoder.setQuality(quantisation === undefined, quantisation ?? 0);
  encoder.encode();
  const encoded = encoder.getEncodedBuffer().slice();
  encoder.delete();
  return encoded;
}
