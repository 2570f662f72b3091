import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { sha256OfFile } from '../../studies/caseFolder.ts';
import { openCase } from './caseFile.ts';
import { type DataManifest, readManifest, type Split } from './manifest.ts';
import type { TrainingCase } from './trainingCase.ts';

/** Prepared data, opened: slices are read from its files when they are asked for. */
export interface PreparedData {
  readonly manifest: DataManifest;
  /** Of the manifest, which holds the hashes of all else. */
  readonly sha256: string;
  readonly cases: Readonly<Record<Split, readonly TrainingCase[]>>;
}

/**
 * Opens a folder that `tandem data prepare` wrote, every file checked against its hash. Throws `not-found`,
 * `bad-training-data`, `no-reference` where one is wanted and the data have none.
 */
export async function openPreparedData(
  folder: string,
  withReference: boolean,
  job: JobContext,
): Promise<PreparedData> {
  const { manifest, sha256 } = await readManifest(folder);
  if (withReference && manifest.reference === null) {
    throw new TandemError('no-reference', 'These data were prepared without a reference', {
      path: folder,
      hint: 'Train a network for single images, or prepare the data with --reference.',
    });
  }
  const cases: Record<Split, TrainingCase[]> = { train: [], validation: [], test: [] };
  for (const [index, described] of manifest.cases.entries()) {
    throwIfCancelled(job.signal);
    const { cases: all } = manifest;
    job.progress({ stage: 'reading', done: index, total: all.length, message: described.name });
    const path = join(folder, described.file);
    await checkFile(path, described);
    cases[described.split].push(openCase(path, described, withReference));
  }
  return { manifest, sha256, cases };
}

async function checkFile(path: string, expected: { bytes: number; sha256: string }): Promise<void> {
  const bad = (message: string) =>
    new TandemError('bad-training-data', message, {
      path,
      hint: 'Prepare the data anew with: tandem data prepare.',
    });
  const size = (await stat(path).catch(() => undefined))?.size;
  if (size !== expected.bytes) {
    throw bad(
      size === undefined ? 'The file is missing' : `The file has ${size} bytes, not ${expected.bytes}`,
    );
  }
  if ((await sha256OfFile(path)) !== expected.sha256) throw bad('The file is not the one that was prepared');
}
