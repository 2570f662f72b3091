import { dirname, join, relative, sep } from 'node:path';
import type { RefusedFile } from '../../core/contract/schemas.ts';
import { looksLikeDicom } from '../../core/dicom/dataSet.ts';
import { isDirectory } from '../../core/dicom/instance.ts';
import { sequenceItems } from '../../core/dicom/sequences.ts';
import { TandemError } from '../../core/errors.ts';
import { readDicomHeader, readHead, withFile } from './dicomFile.ts';
import { readError } from './readErrors.ts';

const DIRECTORY_RECORDS = 0x00041220;
const REFERENCED_FILE_ID = 0x00041500;
const MOST_TOLD = 100;

/** A DICOMDIR that stands for its folder, with the files that it names. */
export interface Directory {
  readonly path: string;
  /** Components below the folder, as they are written. */
  readonly fileIds: readonly (readonly string[])[];
  /** Why its records could not be followed to the end. */
  readonly problem?: TandemError;
}

/** Reads a DICOMDIR; undefined where a file is none. @throws TandemError `bad-header`, `truncated` … */
export async function readDicomdir(path: string): Promise<Directory | undefined> {
  try {
    return await withFile(path, async (file, fileBytes) => {
      const head = await readHead(file, fileBytes);
      if (!looksLikeDicom(head)) return undefined;
      const { dataSet } = await readDicomHeader(file, fileBytes, head);
      if (!isDirectory(dataSet)) return undefined;
      const fileIds: string[][] = [];
      try {
        for (const record of sequenceItems(dataSet, DIRECTORY_RECORDS)) {
          const id = record.strings(REFERENCED_FILE_ID).filter((part) => part !== '');
          if (id.length > 0) fileIds.push(id);
        }
      } catch (error) {
        return { path, fileIds, problem: readError(error, path) };
      }
      return { path, fileIds };
    });
  } catch (error) {
    throw readError(error, path);
  }
}

/**
 * What a DICOMDIR names and the folder does not hold. The names are only compared with what was found below
 * the folder, never opened: a name that leads out of it is told and not followed.
 *
 * @param found absolute paths of the files below the DICOMDIR's folder
 */
export function missingFiles(directory: Directory, found: Iterable<string>): RefusedFile[] {
  const folder = dirname(directory.path);
  // Media write names in capitals, and copying them may not; ISO 9660 adds a version (`;1`).
  const key = (path: string): string => path.toUpperCase().replace(/;\d+$/, '');
  const present = new Set<string>();
  for (const path of found) {
    const below = relative(folder, path);
    if (!below.startsWith(`..${sep}`)) present.add(key(below.split(sep).join('/')));
  }
  const refused: RefusedFile[] = [];
  let more = 0;
  for (const id of directory.fileIds) {
    const outside = id.some((part) => part === '.' || part === '..' || /[/\\\0]/.test(part));
    if (!outside && present.has(key(id.join('/')))) continue;
    if (refused.length >= MOST_TOLD) {
      more++;
      continue;
    }
    refused.push(
      outside
        ? {
            path: directory.path,
            code: 'bad-header',
            message: `It names a file outside its folder (${shorten(id.join('/'))}), which is not opened`,
          }
        : {
            path: join(folder, ...id),
            code: 'not-found',
            message: 'The DICOMDIR names this file, and it is not there',
          },
    );
  }
  if (more > 0) {
    refused.push({
      path: directory.path,
      code: 'not-found',
      message: `${more} more files that it names are not there`,
    });
  }
  return refused;
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

/** Whether a failure to read a DICOMDIR is about its content, so that its folder can still be read. */
export function isAboutContent(error: unknown): boolean {
  return error instanceof TandemError && error.code !== 'not-found' && error.code !== 'no-permission';
}
