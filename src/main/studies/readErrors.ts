import { TandemError } from '../../core/errors.ts';
import { shownPath } from './unpacked.ts';

/**
 * What the file system refused, as an error with words for the user.
 * @param file what was to be read; where it was unpacked from an archive, the error names the archive
 */
export function readError(error: unknown, file: string): TandemError {
  const path = shownPath(file);
  if (error instanceof TandemError) {
    const named = error.path === undefined ? path : shownPath(error.path);
    return error.path === named
      ? error
      : new TandemError(error.code, error.message, { hint: error.hint, path: named, cause: error });
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new TandemError('not-found', 'There is no such file or folder', {
        path,
        hint: 'Check the path.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new TandemError('no-permission', 'You have no right to read this', {
        path,
        hint: 'Ask its owner for the right to read it, or copy it to a folder of your own.',
        cause: error,
      });
    case 'ENAMETOOLONG':
      return new TandemError('not-found', 'The path is too long', { path, cause: error });
    default:
      return new TandemError(
        'failed',
        `It could not be read (${error instanceof Error ? error.message : String(error)})`,
        { path, cause: error },
      );
  }
}
