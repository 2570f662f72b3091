import { TandemError } from '../../errors.ts';

/** The decoded samples of one grey frame, row-major, and what the codestream says of them. */
export interface Samples {
  readonly values: Int32Array;
  /** Bits of a sample, its sign included. */
  readonly precision: number;
  /** Whether the codestream itself is of signed numbers; JPEG and JPEG-LS have no signed ones. */
  readonly signed: boolean;
}

/** What the header of the image says, for the codestream to be held against before anything is allocated. */
export interface FrameSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Holds the size in a codestream's header against the image's.
 * @throws TandemError `bad-header` where they differ, or where there is more than one component
 */
export function checkSize(
  codec: string,
  found: FrameSize & { readonly components: number },
  expected: FrameSize,
): void {
  if (found.components !== 1) {
    throw new TandemError(
      'bad-header',
      `The ${codec} pixels have ${found.components} components, and a grey image has one`,
    );
  }
  if (found.rows !== expected.rows || found.columns !== expected.columns) {
    throw new TandemError(
      'bad-header',
      `The ${codec} pixels are ${found.columns} × ${found.rows}, but the image is said to be ${expected.columns} × ${expected.rows}`,
    );
  }
}

/** For compressed pixels that end before the last sample. */
export function endsEarly(codec: string): TandemError {
  return new TandemError('truncated', `The ${codec} pixels end before the image is complete`, {
    hint: 'Copy or export it again.',
  });
}

/** For compressed pixels that no encoder can have written. */
export function corrupt(codec: string, what: string): TandemError {
  return new TandemError('bad-header', `The ${codec} pixels are damaged: ${what}`, {
    hint: 'Copy or export it again.',
  });
}
