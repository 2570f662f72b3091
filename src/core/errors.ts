/**
 * Errors are data: a closed set of codes, each with a message that says what is wrong, the file it is
 * about and what to do. They cross processes unchanged (see `toErrorData` / `fromErrorData`).
 */

/** Every error code with the exit code of the command line: 2 wrong usage, 3 bad input, 4 cancelled, 5 failed. */
export const ERROR_EXIT_CODES = {
  usage: 2,

  'not-found': 3,
  'no-permission': 3,
  'empty-folder': 3,
  'nothing-readable': 3,
  'not-an-image': 3,
  truncated: 3,
  'bad-header': 3,
  'unsupported-format': 3,
  'unsupported-transfer-syntax': 3,
  'bad-geometry': 3,
  'too-large': 3,
  'series-not-found': 3,
  'series-ambiguous': 3,
  'no-reference': 3,
  'no-overlap': 3,
  'registration-untrusted': 3,
  'output-exists': 3,
  'model-not-found': 3,
  'bad-model': 3,
  'bad-tensor-file': 3,
  'bad-training-data': 3,

  cancelled: 4,

  'device-unavailable': 5,
  'out-of-memory': 5,
  'write-failed': 5,
  'host-crashed': 5,
  'network-failed': 5,
  'refused-by-peer': 5,
  diverged: 5,
  failed: 5,
} as const;

export type ErrorCode = keyof typeof ERROR_EXIT_CODES;

export interface ErrorData {
  readonly code: ErrorCode;
  /** What is wrong, in one sentence without the path. */
  readonly message: string;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
  /** The file or folder it is about. */
  readonly path?: string | undefined;
}

/** The only error that the project throws on purpose. `hint` says what to do, `path` names the file. */
export class TandemError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly path: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; path?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TandemError';
    this.code = code;
    this.hint = options.hint;
    this.path = options.path;
  }
}

/** Plain data of any thrown value; what is not a TandemError (or an abort) becomes `failed`. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof TandemError) {
    return { code: error.code, message: error.message, hint: error.hint, path: error.path };
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return { code: 'cancelled', message: 'Cancelled' };
  }
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}

/** The TandemError that `toErrorData` was made from, on the other side of a process boundary. */
export function fromErrorData(data: ErrorData): TandemError {
  return new TandemError(data.code, data.message, { hint: data.hint, path: data.path });
}

/** One line for a terminal: `code: path: message. hint`. */
export function formatError(data: ErrorData): string {
  const where = data.path === undefined ? '' : `${data.path}: `;
  const message = data.message.replace(/[.\s]+$/, '');
  const hint = data.hint === undefined ? '' : ` ${data.hint}`;
  return `${data.code}: ${where}${message}.${hint}`.replaceAll(/\s*\n\s*/g, ' ');
}

/** Throws `cancelled` if the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TandemError('cancelled', 'Cancelled');
}
