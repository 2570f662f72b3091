import type { ValidationReport } from '../../core/contract/validating.ts';
import { loadAttributeDictionary, loadVrDictionary } from '../../core/dicom/derived/dictionary.ts';
import { Validation } from '../../core/dicom/validate/validate.ts';
import { throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { readCheckedObject } from './checkedFile.ts';
import { evenly, judge, programOnPath } from './dciodvfy.ts';

export interface FilesToValidate {
  readonly files: readonly string[];
  /** Files that they were made from; undefined where they are not given. */
  readonly source?: readonly string[] | undefined;
  /** They are this program's, whatever they say. */
  readonly ours?: boolean | undefined;
  /** Files that dciodvfy is given at most, of these and of their sources. */
  readonly judged: number;
}

export interface FilesValidated extends ValidationReport {
  /** Files that are no DICOM objects: not checked. */
  readonly refused: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

/** Not about the file, or not DICOM at all: nothing to find in it. */
const NO_OBJECT: ReadonlySet<string> = new Set(['not-an-image', 'unsupported-format']);
const NOT_ABOUT_THE_FILE: ReadonlySet<string> = new Set(['cancelled', 'failed']);

/** Checks files by our own rules and, where it is on the machine, by dciodvfy. Headers only. */
export async function validateFiles(asked: FilesToValidate, job: JobContext): Promise<FilesValidated> {
  const dictionary = await loadAttributeDictionary();
  const vrOf = await loadVrDictionary();
  const validation = new Validation({ dictionary, ours: asked.ours, hasSource: asked.source !== undefined });
  const refused: { path: string; code: string; message: string }[] = [];
  const checked: string[] = [];
  for (const path of asked.files) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'checking', done: checked.length, total: asked.files.length });
    try {
      validation.add(await readCheckedObject(path, vrOf));
      checked.push(path);
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (NOT_ABOUT_THE_FILE.has(code)) throw error;
      if (NO_OBJECT.has(code)) refused.push({ path, code, message });
      else validation.addUnreadable(path, message);
    }
  }
  for (const path of asked.source ?? []) {
    throwIfCancelled(job.signal);
    try {
      validation.addSource(await readCheckedObject(path, vrOf));
    } catch (error) {
      // A source that cannot be read is nothing that these files can be held against.
      if (NOT_ABOUT_THE_FILE.has(toErrorData(error).code)) throw error;
    }
  }
  const { findings, series } = validation.finish();
  const program = await programOnPath('dciodvfy');
  const dciodvfy =
    program === undefined
      ? null
      : await judge(
          program,
          { files: evenly(checked, asked.judged), source: evenly(validation.sourceFiles(), asked.judged) },
          job.signal,
        );
  const own = findings.filter(({ ofSource }) => !ofSource);
  return {
    files: checked.length,
    series,
    errors: own.filter(({ severity }) => severity === 'error').length,
    warnings: own.filter(({ severity }) => severity === 'warning').length,
    findings: [...findings],
    dciodvfy,
    refused,
  };
}
