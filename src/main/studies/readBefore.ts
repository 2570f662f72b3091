import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Instance } from '../../core/dicom/instance.ts';

/**
 * What the headers of files said, kept while the files stay as they are: a study is listed, then each of its series
 * is asked for by name, and all of these look through the whole folder.
 */

/** Some 20 MB. */
const MOST_IMAGES = 10_000;
/** A file written so shortly before it was read may be written again with the same times; the coarsest clocks tick every 2 s. */
const SETTLED_MS = 2500;

interface ReadFile {
  readonly stamp: string;
  readonly images: readonly Instance[];
}

/** The file that was asked for longest ago first. */
const known = new Map<string, ReadFile>();
let images = 0;

/** What `keepRead` was given of a file; undefined where that is not known or the file may be another now. */
export async function readBefore(path: string): Promise<readonly Instance[] | undefined> {
  const file = known.get(path);
  if (file === undefined) return undefined;
  const status = await stat(path).catch(() => undefined);
  const isSame = status !== undefined && stampOf(status) === file.stamp;
  forget(path);
  if (!isSame) return undefined;
  keep(path, file);
  return file.images;
}

/**
 * Keeps what was read from a file.
 * @param status of the open file, taken before it was read
 * @param nowMs after it was read
 */
export function keepRead(
  path: string,
  status: Stats,
  read: readonly Instance[],
  nowMs: number = Date.now(),
): void {
  forget(path);
  if (nowMs - Math.max(status.mtimeMs, status.ctimeMs) < SETTLED_MS) return;
  keep(path, { stamp: stampOf(status), images: read });
  for (const oldest of known.keys()) {
    if (images <= MOST_IMAGES) break;
    forget(oldest);
  }
}

function keep(path: string, file: ReadFile): void {
  known.set(path, file);
  images += file.images.length;
}

function forget(path: string): void {
  images -= known.get(path)?.images.length ?? 0;
  known.delete(path);
}

function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
}
