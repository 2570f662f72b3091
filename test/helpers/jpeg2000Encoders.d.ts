/** The parts of two packages (which have no types) that make test images. */
interface EncodedFrame {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
  readonly isUsingColorTransform?: boolean;
}

interface Jpeg2000Encoder {
  getDecodedBuffer(frame: EncodedFrame): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  setDecompositions(levels: number): void;
  setQuality(lossless: boolean, quantisation: number): void;
  encode(): void;
  delete(): void;
}

declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  export default function load(options: object): Promise<{
    readonly J2KEncoder: new () => Jpeg2000Encoder & {
      setCompressionRatio(layer: number, ratio: number): void;
      setProgressionOrder(order: number): void;
    };
  }>;
}

declare module '@cornerstonejs/codec-openjph/wasmjs' {
  export default function load(options: object): Promise<{
    readonly HTJ2KEncoder: new () => Jpeg2000Encoder & {
      setProgressionOrder(order: number): void;
    };
  }>;
}
