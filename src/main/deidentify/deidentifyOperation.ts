import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Evidence } from '../../core/contract/auditing.ts';
import type { Request } from '../../core/contract/operations.ts';
import type { RefusedFile } from '../../core/contract/schemas.ts';
import type { DeidentifySettings } from '../../core/dicom/deidentify/deidentifyDataSet.ts';
import { loadKeywordDictionary, loadVrDictionary } from '../../core/dicom/derived/dictionary.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { instancesEvidence } from '../audit/seriesEvidence.ts';
import { checkOutputFolder, writeFolderAtomically } from '../export/atomic.ts';
import { makeFolders } from '../export/makeFolders.ts';
import type { Handler } from '../host/handler.ts';
import { walkFiles } from '../studies/walk.ts';
import { type DeidentifiedFile, deidentifyFile, finder } from './deidentifyFile.ts';
import { deidentificationKey } from './key.ts';
import { DeidentifyReport } from './report.ts';
import { pixelWarnings } from './warnings.ts';

/**
 * `tandem deidentify`: every DICOM file of files and folders by PS3.15's Basic Profile and the chosen options,
 * to a folder that is written whole or not at all. Names of files and folders are new (`series-0001/0001.dcm`):
 * old ones often hold a name. A dry run does all but write.
 */
export const deidentifyOperation: Handler<'deidentify'> = async (request, job) => {
  const start = performance.now();
  const out = request.out === undefined ? undefined : resolve(request.out);
  const write = !request.dryRun;
  if (write && out === undefined) {
    throw new TandemError('usage', 'Name a folder to write to (--out DIR), or ask for a dry run (--dry-run)');
  }
  if (write) await checkOutputFolder(out!);
  const key = await deidentificationKey(request.keyFile, { make: write });
  const report = new DeidentifyReport();
  const settings: DeidentifySettings = {
    options: new Set(request.options),
    hash: key.hash,
    dictionary: await loadVrDictionary(),
    note: (tag, outcome) => report.note(tag, outcome),
  };
  const run = new Run(request, settings, report, job);
  try {
    if (write) await writeFolderAtomically(out!, (folder) => run.all(folder), { signal: job.signal });
    else await run.all(undefined);
  } finally {
    const patients = report.patients;
    job.evidence?.({ ...run.evidence(), settings: { ...run.evidence().settings, patients } });
  }
  return {
    out: write ? out! : null,
    files: run.files,
    patients: report.patients,
    studies: report.studies,
    series: run.series,
    options: request.options,
    key: key.from,
    attributes: report.attributes(await loadKeywordDictionary()),
    warnings: report.warnings(),
    refused: run.refused,
    seconds: (performance.now() - start) / 1000,
  };
};

class Run {
  files = 0;
  readonly refused: RefusedFile[] = [];
  readonly #taken: ReturnType<typeof namesOf>[] = [];
  readonly #request: Request<'deidentify'>;
  readonly #settings: DeidentifySettings;
  readonly #report: DeidentifyReport;
  readonly #job: JobContext;
  /** New Series Instance UIDs in the order found, with the files each has. */
  readonly #series = new Map<string, { readonly number: number; files: number }>();

  constructor(
    request: Request<'deidentify'>,
    settings: DeidentifySettings,
    report: DeidentifyReport,
    job: JobContext,
  ) {
    this.#request = request;
    this.#settings = settings;
    this.#report = report;
    this.#job = job;
  }

  get series(): number {
    return this.#series.size;
  }

  /** For the audit log: the series as they were before. */
  evidence(): Evidence {
    return instancesEvidence('source', this.#taken);
  }

  /** @param folder to write to; undefined for a dry run. */
  async all(folder: string | undefined): Promise<void> {
    const seen = new Set<string>();
    for (const root of this.#request.paths) {
      for await (const found of walkFiles(root, this.#job.signal)) {
        throwIfCancelled(this.#job.signal);
        if (seen.has(found.path)) continue;
        seen.add(found.path);
        this.#job.progress({ stage: 'deidentifying', done: this.files, total: 0 });
        if ('error' in found) this.#refuse(found.path, found.error);
        else await this.#one(found.path, folder);
      }
    }
    if (this.files > 0) return;
    const first = this.refused[0];
    throw new TandemError('nothing-readable', `None of the ${seen.size} files is a DICOM object`, {
      path: resolve(this.#request.paths[0]!),
      hint: first === undefined ? 'Name a folder that holds DICOM files.' : `The first: ${first.message}.`,
    });
  }

  async #one(path: string, folder: string | undefined): Promise<void> {
    try {
      this.#report.beginFile();
      await deidentifyFile(path, this.#settings, async (file) => {
        this.#taken.push(namesOf(file.source));
        const series = this.#seriesOf(file.seriesUid);
        if (folder !== undefined) await writeOne(join(folder, nameOf(series)), file.copyTo);
        series.files++;
        this.files++;
        this.#report.addObject(
          file.patient,
          finder(file.source)(T.StudyInstanceUID),
          pixelWarnings(file.source),
        );
      });
    } catch (error) {
      // What cannot be written ends the run; what cannot be read is told and left out.
      if (error instanceof TandemError && !NOT_ABOUT_THE_SOURCE.has(error.code)) this.#refuse(path, error);
      else throw error;
    }
  }

  #seriesOf(uid: string): { readonly number: number; files: number } {
    const series = this.#series.get(uid) ?? { number: this.#series.size + 1, files: 0 };
    this.#series.set(uid, series);
    return series;
  }

  #refuse(path: string, error: unknown): void {
    const { code, message } = toErrorData(error);
    this.refused.push({ path, code, message });
  }
}

function namesOf(source: DeidentifiedFile['source']) {
  const find = finder(source);
  return {
    studyUid: find(T.StudyInstanceUID),
    seriesUid: find(T.SeriesInstanceUID),
    sopInstanceUid: find(T.SOPInstanceUID),
  };
}

const NOT_ABOUT_THE_SOURCE: ReadonlySet<string> = new Set(['cancelled', 'write-failed', 'failed']);

function nameOf(series: { readonly number: number; readonly files: number }): string {
  const digits = (n: number) => String(n).padStart(4, '0');
  return join(`series-${digits(series.number)}`, `${digits(series.files + 1)}.dcm`);
}

async function writeOne(
  path: string,
  copyTo: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  await makeFolders(join(path, '..'));
  const file = await open(path, 'wx');
  try {
    await copyTo(async (bytes) => {
      await file.writeFile(bytes);
    });
  } finally {
    await file.close();
  }
}
