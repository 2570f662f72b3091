import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { makeFolders } from '../../export/makeFolders.ts';
import { replaceQuietly } from '../run/runFolder.ts';

/**
 * Cases that were judged already by a program that was killed before it came to the end: each in a file of its own,
 * with what it was judged by. What cannot be read is judged again.
 */
export class JudgedSoFar {
  private readonly folder: string;
  private readonly by: string;

  /** @param by hashes of the models and thresholds; what was judged by others counts for nothing */
  constructor(folder: string, by: readonly string[]) {
    this.folder = folder;
    this.by = by.join();
  }

  /** What was kept under a name, else what `work` gives, which is kept then. */
  async once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const path = join(this.folder, `${createHash('sha256').update(name).digest('hex').slice(0, 24)}.bin`);
    const found = await readFile(path).then(
      (bytes) => parse<T>(bytes),
      () => undefined,
    );
    if (found?.by === this.by && found.name === name) return found.value;
    const value = await work();
    await makeFolders(this.folder).catch(() => {});
    await replaceQuietly(path, serialize({ by: this.by, name, value }));
    return value;
  }
}

function parse<T>(bytes: Buffer): { by: string; name: string; value: T } | undefined {
  try {
    return deserialize(bytes);
  } catch {
    return undefined;
  }
}
