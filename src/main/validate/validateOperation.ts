import { resolve } from 'node:path';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { walkFiles } from '../studies/walk.ts';
import { validateFiles } from './validateFiles.ts';

/** More is not judged one by one: of a large folder, files evenly chosen. */
const JUDGED = 1000;

/** `tandem validate`: the DICOM objects of a file or folder, checked. */
export const validateOperation: Handler<'validateExport'> = async (request, job) => {
  const start = performance.now();
  const path = resolve(request.path);
  const files = await filesUnder(path, job.signal);
  const source =
    request.source === undefined ? undefined : await filesUnder(resolve(request.source), job.signal);
  const report = await validateFiles({ files, source, judged: JUDGED }, job);
  if (report.files === 0 && report.findings.length === 0) {
    throw new TandemError('nothing-readable', `None of the ${files.length} files is a DICOM object`, {
      path,
      hint: 'Name a file or folder of DICOM.',
    });
  }
  return { ...report, refused: [...report.refused], seconds: (performance.now() - start) / 1000 };
};

async function filesUnder(path: string, signal: AbortSignal): Promise<string[]> {
  const files: string[] = [];
  for await (const found of walkFiles(path, signal)) {
    throwIfCancelled(signal);
    if ('error' in found) throw found.error;
    files.push(found.path);
  }
  return files;
}
