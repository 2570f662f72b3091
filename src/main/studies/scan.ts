import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { RefusedFile, SeriesSummary } from '../../core/contract/schemas.ts';
import { looksLikeDicom } from '../../core/dicom/dataSet.ts';
import { isSegmentation } from '../../core/dicom/derived/readSegmentation.ts';
import { type Instance, isDirectory, noImage, readInstances } from '../../core/dicom/instance.ts';
import { Sharing } from '../../core/dicom/sharing.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { type Directory, isAboutContent, missingFiles, readDicomdir } from './dicomdir.ts';
import { readDicomHeader, readHead, withFile } from './dicomFile.ts';
import { isNiftiName, isPairName, readNiftiHeader } from './niftiFile.ts';
import { niftiEntry } from './niftiSeries.ts';
import { keepRead, readBefore } from './readBefore.ts';
import { readError } from './readErrors.ts';
import { describeSegmentation, type FoundSegmentation, withSegmentations } from './segmentationsOfStudies.ts';
import { readSidecar } from './sidecar.ts';
import { assembleStudies } from './studies.ts';
import type { Catalogue, CatalogueStudy, SeriesEntry } from './types.ts';
import { isUnpacked, pathInArchive, shownPath, unpackedFolder } from './unpacked.ts';
import { sweepLeftovers } from './unpackedFolders.ts';
import { type Found, walkFiles } from './walk.ts';
import { looksLikeZip } from './zip.ts';

/** Files that are read at the same time. */
const PARALLEL = 8;
const PROGRESS_EVERY = 64;

/**
 * Indexes files and folders: studies, series, warnings, pairs; no pixels are kept. What cannot be read is
 * listed with its code and the rest is read; JSON files beside a NIfTI, DICOMDIRs and hidden files are
 * passed over. A path that is itself a DICOMDIR stands for the folder that it is in, and what it names and
 * is not there is listed. ZIP archives are unpacked to a private temporary folder (`unpackedFolder`).
 *
 * @throws TandemError where nothing is readable: the code of what is wrong where that is one thing
 *   (`not-found`, `no-permission`, `empty-folder`, `not-an-image`, `truncated` …), else `nothing-readable`
 */
export async function scanPaths(paths: readonly string[], job: JobContext): Promise<Catalogue> {
  await sweepLeftovers();
  const found = new Collector(job);
  const running = new Set<Promise<void>>();
  try {
    for (const path of paths) {
      const root = await scanRoot(path);
      await found.walk(root.path, running);
      await Promise.all(running);
      if (root.refused !== undefined) found.refuse(root.refused.error, root.refused.path);
      if (root.directory !== undefined) found.compare(root.directory);
      if (root.directory?.problem !== undefined) found.refuse(root.directory.problem, root.directory.path);
    }
  } finally {
    await Promise.allSettled(running);
  }
  throwIfCancelled(job.signal);
  const { instances, nifti } = found;
  const segmentations = found.segmentationsOf(new Set(instances.map(({ studyUid }) => studyUid)));
  const refused = found.refusedFiles().map((file) => ({ ...file, path: shownPath(file.path) }));
  if (instances.length + nifti.length === 0) throw nothingReadable(paths, found.files, refused);
  // Stable: the frames of a file stay in their order.
  instances.sort((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1));
  nifti.sort((a, b) => (a.summary.path < b.summary.path ? -1 : 1));
  return {
    studies: assembleStudies(instances, nifti)
      .map((study) => withSegmentations(study, segmentations))
      .map(asShown),
    refused,
  };
}

/** With paths as the user knows them, where files came out of an archive. */
function asShown(study: CatalogueStudy): CatalogueStudy {
  const shown = (summary: SeriesSummary): SeriesSummary => ({ ...summary, path: shownPath(summary.path) });
  return {
    ...study,
    summary: {
      ...study.summary,
      series: study.summary.series.map(shown),
      ...(study.summary.segmentations && {
        segmentations: study.summary.segmentations.map((one) => ({ ...one, path: shownPath(one.path) })),
      }),
    },
    series: study.series.map((entry) => ({ ...entry, summary: shown(entry.summary) })),
  };
}

interface Root {
  readonly path: string;
  readonly directory?: Directory | undefined;
  readonly refused?: { readonly path: string; readonly error: TandemError };
}

/** Where to look for a path that the user gave. */
async function scanRoot(path: string): Promise<Root> {
  const root = resolve(path);
  const isFile = await stat(root).then(
    (status) => status.isFile(),
    () => false,
  );
  if (!isFile) return { path: root };
  const isNamedSo = basename(root).toUpperCase() === 'DICOMDIR';
  try {
    const directory = await readDicomdir(root);
    if (directory === undefined) return { path: isNamedSo ? dirname(root) : root };
    return { path: dirname(root), directory };
  } catch (error) {
    if (!isNamedSo || !isAboutContent(error)) return { path: root };
    return { path: dirname(root), refused: { path: root, error: readError(error, root) } };
  }
}

/** Takes files one by one, in any order and several at once, and sorts them into what they are. */
class Collector {
  readonly instances: Instance[] = [];
  readonly nifti: SeriesEntry[] = [];
  /** Files seen, refused and passed over ones included. */
  files = 0;
  readonly #segmentations: FoundSegmentation[] = [];
  readonly #refused: RefusedFile[] = [];
  readonly #jsonFiles: string[] = [];
  readonly #archives: string[] = [];
  readonly #seen = new Set<string>();
  readonly #sharing = new Sharing();
  readonly #job: JobContext;

  constructor(job: JobContext) {
    this.#job = job;
  }

  /** Reads everything at and below a path. @param running files that are being read */
  async walk(path: string, running: Set<Promise<void>>): Promise<void> {
    for await (const file of walkFiles(path, this.#job.signal)) {
      throwIfCancelled(this.#job.signal);
      const task: Promise<void> = this.add(file).finally(() => running.delete(task));
      running.add(task);
      if (running.size >= PARALLEL) await Promise.race(running);
    }
    await Promise.all(running);
    for (const archive of this.#archives.splice(0)) await this.#unpack(archive, running);
  }

  async #unpack(archive: string, running: Set<Promise<void>>): Promise<void> {
    try {
      this.#job.progress({
        stage: 'reading',
        done: this.files,
        total: 0,
        message: `unpacking ${basename(archive)}`,
      });
      const { folder, refusals } = await unpackedFolder(archive, this.#job.signal);
      for (const { name, error } of refusals) this.refuse(error, pathInArchive(archive, name));
      await this.walk(folder, running);
    } catch (error) {
      this.refuse(readError(error, archive), archive);
    }
  }

  /** Tells what a DICOMDIR names and was not found. */
  compare(directory: Directory): void {
    for (const file of missingFiles(directory, this.#seen)) this.#refused.push(file);
  }

  async add(found: Found): Promise<void> {
    if (this.#seen.has(found.path)) return;
    this.#seen.add(found.path);
    if ('error' in found) {
      this.refuse(found.error, found.path);
      return;
    }
    this.files++;
    if (this.files % PROGRESS_EVERY === 0) {
      this.#job.progress({ stage: 'reading', done: this.files, total: 0, message: `${this.files} files` });
    }
    try {
      await this.#read(found.path);
    } catch (error) {
      this.refuse(readError(error, found.path), found.path);
    }
  }

  async #read(path: string): Promise<void> {
    const name = basename(path);
    if (isNiftiName(name)) {
      this.nifti.push(niftiEntry(path, await readNiftiHeader(path), await readSidecar(path)));
      return;
    }
    const before = await readBefore(path);
    if (before !== undefined) {
      this.instances.push(...before);
      return;
    }
    const instances = await withFile(path, async (file, fileBytes, status) => {
      const head = await readHead(file, fileBytes);
      if (fileBytes === 0) throw new TandemError('not-an-image', 'The file is empty');
      if (looksLikeZip(head) && /\.zip$/i.test(name)) {
        if (isUnpacked(path)) throw archiveInArchive();
        return 'zip' as const;
      }
      if (!looksLikeDicom(head)) {
        if (/\.json$/i.test(name)) return 'json' as const;
        if (isPairName(name)) throw halfOfAPair();
        throw notAnImage();
      }
      const { dataSet, availableBytes } = await readDicomHeader(file, fileBytes, head);
      if (isSegmentation(dataSet)) {
        this.#segmentations.push(describeSegmentation(dataSet, path));
        return [];
      }
      if (isDirectory(dataSet)) return [];
      const images = readInstances(dataSet, path, availableBytes, this.#sharing);
      keepRead(path, status, images);
      return images;
    });
    if (instances === 'zip') this.#archives.push(path);
    else if (instances === 'json') this.#jsonFiles.push(path);
    else for (const instance of instances) this.instances.push(instance);
  }

  /** Segmentations of the studies that there are images of; others are refused as what they are, no images. */
  segmentationsOf(studies: ReadonlySet<string>): FoundSegmentation[] {
    const found = Map.groupBy(this.#segmentations.splice(0), ({ studyUid }) => studies.has(studyUid));
    for (const { summary } of found.get(false) ?? []) this.refuse(noImage('a segmentation'), summary.path);
    return (found.get(true) ?? []).sort((a, b) => (a.summary.path < b.summary.path ? -1 : 1));
  }

  /** Lists what cannot be read. */
  refuse(error: TandemError, path: string): void {
    if (error.code === 'cancelled') return;
    this.#refused.push({ path, code: error.code, message: error.message });
  }

  /** Sidecars of NIfTI files that were found are no images, and nobody takes them for one. */
  refusedFiles(): RefusedFile[] {
    const stems = new Set(this.nifti.map(({ summary }) => stem(summary.path)));
    for (const path of this.#jsonFiles) {
      if (!stems.has(stem(path))) this.refuse(notAnImage(), path);
    }
    this.#jsonFiles.length = 0;
    return this.#refused.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

function stem(path: string): string {
  return path.replace(/\.(json|nii|nii\.gz)$/i, '');
}

function archiveInArchive(): TandemError {
  return new TandemError('unsupported-format', 'Archives within archives are not unpacked', {
    hint: 'Unpack it first.',
  });
}

function halfOfAPair(): TandemError {
  return new TandemError('unsupported-format', 'Images in two files (.hdr and .img) are not read', {
    hint: 'Convert the pair to a single .nii file.',
  });
}

function notAnImage(): TandemError {
  return new TandemError('not-an-image', 'This is neither DICOM nor NIfTI', {
    hint: 'Choose DICOM files, a folder of them, or a .nii or .nii.gz file.',
  });
}

function nothingReadable(
  paths: readonly string[],
  files: number,
  refused: readonly RefusedFile[],
): TandemError {
  const where = paths.length === 1 ? resolve(paths[0]!) : undefined;
  const first = refused[0];
  if (first === undefined) {
    return new TandemError('empty-folder', files === 0 ? 'There is no file here' : 'There is no image here', {
      path: where,
      hint: 'Choose a folder that holds DICOM or NIfTI files.',
    });
  }
  const codes = new Set(refused.map(({ code }) => code));
  if (refused.length === 1 || (codes.size === 1 && first.code !== 'not-an-image')) {
    const more = refused.length === 1 ? '' : ` (and so are ${refused.length - 1} other files)`;
    return new TandemError(first.code as TandemError['code'], `${first.message}${more}`, {
      path: first.path,
      hint: hintFor(first.code),
    });
  }
  return new TandemError('nothing-readable', `None of the ${refused.length} files can be read`, {
    path: where,
    hint: `The first: ${basename(first.path)}: ${first.message}.`,
  });
}

function hintFor(code: string): string | undefined {
  const hints: Readonly<Record<string, string>> = {
    'not-found': 'Check the path.',
    'no-permission': 'Ask its owner for the right to read it, or copy it to a folder of your own.',
    'not-an-image': 'Choose DICOM files, a folder of them, or a .nii or .nii.gz file.',
    truncated: 'Copy or export it again.',
    'bad-header': 'Export it again from its source.',
    'unsupported-transfer-syntax': 'Export the series uncompressed.',
    'unsupported-format': 'Export it as classic single-frame DICOM images or as a single NIfTI file.',
  };
  return hints[code];
}
