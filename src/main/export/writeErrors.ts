import { sep } from 'node:path';
import { TandemError } from '../../core/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);
/** Only writing raises these: they are about the target even where the error names no path. */
const WRITING_ONLY = new Set([...FULL, 'EROFS', 'EIO']);

/**
 * What a failed write becomes: `no-permission` (no rights, read-only disk) or `write-failed` (disk full and
 * everything else), about `target`, the path that the user asked for. Errors that are not about writing
 * below `temporary` (cancelled, a source that cannot be read) come back as they are.
 */
export function asWriteError(error: unknown, target: string, temporary: string): unknown {
  if (error instanceof TandemError || !(error instanceof Error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const below = path === temporary || path?.startsWith(temporary + sep) === true || path === target;
  if (!below && !(path === undefined && WRITING_ONLY.has(code))) return error;
  return writeError(error as NodeJS.ErrnoException, target);
}

/** Whether a write failed because there was no room. */
export function isDiskFull(error: unknown): boolean {
  const { code } = ((error as Error | undefined)?.cause ?? {}) as NodeJS.ErrnoException;
  return error instanceof TandemError && error.code === 'write-failed' && FULL.has(code ?? '');
}

/** The TandemError for a file-system error about writing `target`. */
export function writeError(error: NodeJS.ErrnoException, target: string): TandemError {
  const code = error.code ?? 'unknown';
  if (code === 'EROFS') {
    return new TandemError('no-permission', 'The disk is read-only', {
      path: target,
      hint: 'Choose a folder on a disk that can be written.',
      cause: error,
    });
  }
  if (FORBIDDEN.has(code)) {
    return new TandemError('no-permission', 'No permission to write here', {
      path: target,
      hint: 'Choose a folder whose parent folder you may write to.',
      cause: error,
    });
  }
  if (FULL.has(code)) {
    return new TandemError('write-failed', 'The disk is full; nothing was written', {
      path: target,
      hint: 'Free some space or choose another disk.',
      cause: error,
    });
  }
  return new TandemError('write-failed', `Writing failed (${code}); nothing was written`, {
    path: target,
    hint: 'Check the disk, or choose another folder.',
    cause: error,
  });
}
