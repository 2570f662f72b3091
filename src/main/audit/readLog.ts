import { readFileSync } from 'node:fs';
import { TandemError } from '../../core/errors.ts';

/** The bytes of a log; none where there is no file. Throws `no-permission`. */
export function readLog(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
    throw new TandemError('no-permission', 'The audit log cannot be read', {
      path,
      hint: 'Ask for the right to read it.',
      cause: error,
    });
  }
}
