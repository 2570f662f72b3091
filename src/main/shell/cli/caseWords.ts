import { basename } from 'node:path';

/** A case by its name; with the place where that is no folder of this name, as of DICOM, whose names are hashes. */
export function caseWords({
  name,
  path,
}: {
  readonly name: string;
  readonly path?: string | undefined;
}): string {
  return path === undefined || basename(path) === name ? name : `${name} (${path})`;
}
