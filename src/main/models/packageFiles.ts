import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { CARD_FILE, MODEL_FILE, plainName, WEIGHTS_FILE } from './card.ts';
import type { ModelPackage } from './loadModelPackage.ts';

/** One file of a package. */
export interface PackageFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What belongs to the acceptance of a model: the report for programs, and the same for people. */
const ACCEPTANCE = /^acceptance[A-Za-z0-9._-]*\.(json|html|pdf)$/;

/**
 * The files that make up a package, with their hashes: its own, those that its card lists and its acceptance
 * report. What else lies in the folder is no part of it.
 * @throws TandemError `bad-model` where one that the card lists is missing or is not what the card says
 */
export async function packageFiles({ path, card, weightsSha256 }: ModelPackage): Promise<PackageFile[]> {
  const listed = new Map((card.files ?? []).map(({ name, sha256 }) => [name, sha256]));
  listed.set(WEIGHTS_FILE, weightsSha256);
  const present = new Set(await readdir(path));
  const names = [
    MODEL_FILE,
    WEIGHTS_FILE,
    ...[CARD_FILE].filter((name) => present.has(name)),
    ...(card.files ?? []).map(({ name }) => name),
    ...[...present].filter((name) => ACCEPTANCE.test(name) && !listed.has(name)).sort(),
  ];
  const files: PackageFile[] = [];
  for (const name of names) {
    const file = join(path, name);
    const stat = await lstat(file).catch(() => undefined);
    if (stat?.isFile() !== true || !plainName.safeParse(name).success) {
      throw badFile(`${name} is missing, or is no file`, file);
    }
    const hash = await hashOfFile(file);
    const said = listed.get(name);
    if (said !== undefined && said !== hash) throw badFile('This is not the file that the card lists', file);
    files.push({ name, bytes: stat.size, sha256: hash });
  }
  return files;
}

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

function badFile(message: string, path: string): TandemError {
  return new TandemError('bad-model', message, { path, hint: 'Get the model package again, whole.' });
}
