import { ERROR_EXIT_CODES, type ErrorCode, type ErrorData } from '../../../core/errors.ts';
import type { Progress } from '../../../core/job.ts';

/** What the window sends once it is let in. */
export type ClientMessage =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly request: unknown }
  | { readonly type: 'cancel'; readonly id: number };

/** What the workstation answers. Anything else is ignored. */
export type ServerMessage =
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optionalString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Error data of any value: an unknown code becomes `failed`, a missing message a general one. */
export function readErrorData(value: unknown): ErrorData {
  const record = isRecord(value) ? value : {};
  const code = optionalString(record.code) ?? '';
  return {
    code: Object.hasOwn(ERROR_EXIT_CODES, code) ? (code as ErrorCode) : 'failed',
    message: optionalString(record.message) ?? 'The workstation reported an error without a message',
    hint: optionalString(record.hint),
    path: optionalString(record.path),
  };
}

/** Progress of any value; `undefined` where it is none. */
export function readProgress(value: unknown): Progress | undefined {
  if (!isRecord(value)) return undefined;
  const { stage, done, total, secondsLeft } = value;
  if (typeof stage !== 'string' || typeof done !== 'number' || typeof total !== 'number') return undefined;
  return {
    stage,
    done,
    total,
    secondsLeft: typeof secondsLeft === 'number' && Number.isFinite(secondsLeft) ? secondsLeft : undefined,
    message: optionalString(value.message),
  };
}

/** The contract's message in what came over the channel; `undefined` where it is none. */
export function readServerMessage(value: unknown): ServerMessage | undefined {
  if (!isRecord(value) || typeof value.id !== 'number') return undefined;
  const { id } = value;
  if (value.type === 'result') return { type: 'result', id, result: value.result };
  if (value.type === 'error') return { type: 'error', id, error: readErrorData(value.error) };
  if (value.type === 'progress') {
    const progress = readProgress(value.progress);
    return progress === undefined ? undefined : { type: 'progress', id, progress };
  }
  return undefined;
}
