import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { TandemError } from '../../core/errors.ts';
import { makeFolders } from '../export/makeFolders.ts';

/**
 * Files that were dropped on a browser's page: the browser gives their bytes but not their path, so they are
 * kept in a temporary folder of this workstation until it ends.
 */
export class DropShelf {
  readonly #folders = new Map<string, Promise<string>>();

  /** Stores one dropped file; `relativePath` may not leave the drop's folder (`usage`). */
  async add(dropId: string, relativePath: string, body: ReadableStream): Promise<void> {
    const clean = normalize(relativePath);
    if (clean.startsWith('..') || clean.startsWith(sep) || /^[a-z]:/i.test(clean) || clean.includes('\0')) {
      throw new TandemError('usage', `“${relativePath}” is not a path inside the dropped folder`);
    }
    const path = join(await this.#folder(dropId), clean);
    await makeFolders(dirname(path));
    await pipeline(Readable.fromWeb(body as NodeReadableStream), createWriteStream(path, { mode: 0o600 }));
  }

  /** The folder that holds what was dropped. */
  async folderOf(dropId: string): Promise<string> {
    const folder = this.#folders.get(dropId);
    if (folder === undefined) throw new TandemError('usage', 'Nothing was dropped');
    return folder;
  }

  async clear(): Promise<void> {
    const folders = [...this.#folders.values()];
    this.#folders.clear();
    for (const folder of folders) await rm(await folder, { recursive: true, force: true });
  }

  #folder(dropId: string): Promise<string> {
    const known = this.#folders.get(dropId);
    if (known !== undefined) return known;
    // Kept before it is there, so that files that arrive side by side end in one folder.
    const folder = mkdtemp(join(tmpdir(), 'tandem-drop-'));
    this.#folders.set(dropId, folder);
    return folder;
  }
}
