import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { streamFileAtomically } from '../export/atomic.ts';
import { MODEL_FILE, plainName, WEIGHTS_FILE } from './card.ts';
import type { ModelPackage } from './loadModelPackage.ts';
import { type PackageFile, packageFiles } from './packageFiles.ts';
import { readTarHeader, TAR_BLOCK, tarHeader, tarPadding } from './tar.ts';

/** A package as one file: a tar of a manifest and, in its order, the files that it lists. */
export const MANIFEST_FILE = 'tandem-package.json';
const LARGEST_MANIFEST = 2 ** 20;
const LARGEST_FILE = 2 ** 31;
const MOST_FILES = 64;
const PIECE = 2 ** 20;

const manifestSchema = z.object({
  format: z.literal('tandem-package'),
  formatVersion: z.literal(1),
  id: plainName,
  files: z
    .array(
      z.object({
        name: plainName,
        bytes: z.int().nonnegative().max(LARGEST_FILE),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(2)
    .max(MOST_FILES),
});
export type PackageManifest = z.infer<typeof manifestSchema>;

/** Writes a package as one file, whole or not at all; the same package gives the same bytes. */
export async function writeArchive(
  model: ModelPackage,
  out: string,
  job: JobContext,
): Promise<{ bytes: number; sha256: string; files: string[] }> {
  const files = await packageFiles(model);
  const manifest: PackageManifest = { format: 'tandem-package', formatVersion: 1, id: model.id, files };
  const head = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  const hash = createHash('sha256');
  let bytes = 0;
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  await streamFileAtomically(out, async (archive) => {
    const put = async (piece: Uint8Array): Promise<void> => {
      throwIfCancelled(job.signal);
      hash.update(piece);
      bytes += piece.length;
      await archive.writeFile(piece);
      job.progress({ stage: 'exporting', done: Math.min(bytes, total), total });
    };
    await put(tarHeader({ name: MANIFEST_FILE, bytes: head.length }));
    await put(head);
    await put(new Uint8Array(tarPadding(head.length)));
    for (const file of files) {
      await put(tarHeader(file));
      await putFile(join(model.path, file.name), file, put);
      await put(new Uint8Array(tarPadding(file.bytes)));
    }
    await put(new Uint8Array(2 * TAR_BLOCK));
  });
  return { bytes, sha256: hash.digest('hex'), files: files.map(({ name }) => name) };
}

async function putFile(
  path: string,
  file: PackageFile,
  put: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  const source = await open(path, 'r');
  let left = file.bytes;
  try {
    while (left > 0) {
      const piece = await readExactly(source, Math.min(PIECE, left), path);
      hash.update(piece);
      left -= piece.length;
      await put(piece);
    }
  } finally {
    await source.close();
  }
  if (hash.digest('hex') === file.sha256) return;
  throw new TandemError('bad-model', 'The file was changed while it was read', { path, hint: 'Try again.' });
}

/** An archive that is open, its manifest read. */
export class PackageArchive {
  readonly manifest: PackageManifest;
  readonly #handle: FileHandle;
  readonly #path: string;

  private constructor(manifest: PackageManifest, handle: FileHandle, path: string) {
    this.manifest = manifest;
    this.#handle = handle;
    this.#path = path;
  }

  /** @throws TandemError `not-found`, `no-permission`, `bad-model` (no archive of a package) */
  static async open(path: string): Promise<PackageArchive> {
    const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw new TandemError(error.code === 'ENOENT' ? 'not-found' : 'no-permission', 'It cannot be read', {
        path,
        cause: error,
      });
    });
    try {
      return new PackageArchive(await readManifest(handle, path), handle, path);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Writes the files of the manifest into a folder. Names are the manifest's, which lead nowhere else; sizes and
   * hashes are held against what comes.
   * @throws TandemError `bad-model`, `cancelled`, and what writing throws
   */
  async unpack(folder: string, job: JobContext): Promise<void> {
    const total = this.manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const file of this.manifest.files) {
      const member = readTarHeader(await this.#read(TAR_BLOCK), this.#path);
      if (member?.name !== file.name || member.bytes !== file.bytes) {
        throw this.#bad(`${file.name} is not where the manifest says, or not of its size`);
      }
      const hash = createHash('sha256');
      const out = await open(join(folder, file.name), 'wx');
      try {
        for (let left = file.bytes; left > 0; ) {
          throwIfCancelled(job.signal);
          const piece = await this.#read(Math.min(PIECE, left));
          hash.update(piece);
          await out.writeFile(piece);
          left -= piece.length;
          done += piece.length;
          job.progress({ stage: 'reading', done, total });
        }
      } finally {
        await out.close();
      }
      if (hash.digest('hex') !== file.sha256) throw this.#bad(`${file.name} is not what the manifest says`);
      await this.#read(tarPadding(file.bytes));
    }
    if (readTarHeader(await this.#read(TAR_BLOCK), this.#path) !== undefined) {
      throw this.#bad('The archive holds more than its manifest lists');
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #read(bytes: number): Promise<Uint8Array> {
    return readExactly(this.#handle, bytes, this.#path);
  }

  #bad(message: string): TandemError {
    return badArchive(message, this.#path);
  }
}

async function readManifest(handle: FileHandle, path: string): Promise<PackageManifest> {
  if (!(await handle.stat()).isFile()) throw badArchive('This is not a file', path);
  const head = readTarHeader(await readExactly(handle, TAR_BLOCK, path), path);
  if (head?.name !== MANIFEST_FILE) throw badArchive('This is not the archive of a model package', path);
  if (head.bytes > LARGEST_MANIFEST) throw badArchive('The manifest of the archive is too large', path);
  const bytes = await readExactly(handle, head.bytes, path);
  await readExactly(handle, tarPadding(head.bytes), path);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badArchive('The manifest of the archive is not JSON', path);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw badArchive(`The manifest is malformed: ${issue?.path.join('.')}: ${issue?.message}`, path);
  }
  // Disks that do not tell cases apart would write one file over the other.
  const names = parsed.data.files.map(({ name }) => name.toLowerCase());
  if (new Set(names).size !== names.length) throw badArchive('The manifest lists a file twice', path);
  for (const name of [MODEL_FILE, WEIGHTS_FILE]) {
    if (!names.includes(name)) throw badArchive(`The archive lacks ${name}`, path);
  }
  return parsed.data;
}

async function readExactly(handle: FileHandle, count: number, path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let got = 0;
  while (got < count) {
    const { bytesRead } = await handle.read(bytes, got, count - got);
    if (bytesRead === 0) throw badArchive('The file ends too early', path);
    got += bytesRead;
  }
  return bytes;
}

function badArchive(message: string, path: string): TandemError {
  return new TandemError('bad-model', message, { path, hint: 'Get the file again, whole.' });
}
