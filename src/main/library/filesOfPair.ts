import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SeriesEntry } from '../studies/types.ts';
import { isUnpacked } from '../studies/unpacked.ts';
import { placesOf } from './places.ts';

/**
 * What the files of a pair are: their names, sizes and times of the last change, as one SHA-256. The folder that
 * they lie in does not count, for folders are moved; of what came out of an archive the archive counts, for it is
 * unpacked anew each time.
 *
 * @throws the system's error where a file is not there
 */
export async function filesOfPair(target: SeriesEntry, reference: SeriesEntry): Promise<string> {
  const facts = await Promise.all([target, reference].map(factsOf));
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

async function factsOf(entry: SeriesEntry): Promise<unknown> {
  const paths = entry.files.some(isUnpacked) ? await placesOf(entry) : entry.files;
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return [basename(path), size, mtimeMs];
    }),
  );
}
