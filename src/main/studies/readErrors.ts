import { TandemError } from '../../core/errors.ts';

/** What the file system refused, as an error with words for the user. @param path what was to be read */
export function readError(error: unknown, path: string): TandemError {
  if (error instanceof TandemError) {
    return error.path === undefined
      ? new TandemError(error.code, error.message, { hint: error.hint, path, cause: error })
      : error;
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
