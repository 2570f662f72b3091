import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import { dataFolder } from '../paths.ts';
import { sidecarPath } from '../studies/sidecar.ts';
import type { CatalogueStudy, SeriesEntry } from '../studies/types.ts';
import { privateDataFolder } from './folder.ts';

/** Copies of studies that the user asked to keep: a folder a study, in it a folder a series. */

function copiesFolder(): string {
  return join(dataFolder(), 'copies');
}

/** Copies the files of a study, all or none; returns the folder. Throws `no-permission`, `write-failed`, `cancelled`. */
export async function copyStudy({ summary, series }: CatalogueStudy, job: JobContext): Promise<string> {
  privateDataFolder();
  const hash = createHash('sha256').update(summary.uid).digest('hex').slice(0, 16);
  const folder = join(copiesFolder(), `${hash}-${randomUUID().slice(0, 8)}`);
  const total = series.reduce((sum, { files }) => sum + files.length, 0);
  let done = 0;
  await writeFolderAtomically(
    folder,
    async (temporary) => {
      for (const [number, entry] of series.entries()) {
        const own = join(temporary, `series-${String(number + 1).padStart(3, '0')}`);
        await mkdir(own, { mode: 0o700 });
        for (const [n, file] of entry.files.entries()) {
          throwIfCancelled(job.signal);
          await copyFile(file, join(own, nameOf(entry, file, n)));
          job.progress({ stage: 'copying', done: ++done, total });
        }
        if (entry.summary.format === 'nifti') await copySidecar(entry, own);
      }
    },
    { signal: job.signal },
  );
  return folder;
}

/** Removes the copies that a path is in; nothing where it is none of ours. */
export async function removeCopies(path: string): Promise<boolean> {
  const [own] = relative(copiesFolder(), path).split(sep);
  if (own === undefined || own === '' || own === '..' || own.includes(':')) return false;
  await rm(join(copiesFolder(), own), { recursive: true, force: true });
  return true;
}

/** Names of DICOM files say nothing, and several folders may use the same. */
function nameOf({ summary }: SeriesEntry, file: string, n: number): string {
  if (summary.format === 'nifti') return basename(file);
  const end = extname(file).toLowerCase() === '.ima' ? '.IMA' : '.dcm';
  return `${String(n + 1).padStart(6, '0')}${end}`;
}

async function copySidecar({ files }: SeriesEntry, folder: string): Promise<void> {
  for (const file of files) {
    const sidecar = sidecarPath(file);
    if (sidecar === file || !(await stat(sidecar).catch(() => undefined))) continue;
    await copyFile(sidecar, join(folder, basename(sidecar)));
  }
}
