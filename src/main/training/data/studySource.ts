import { resolve } from 'node:path';
import { TandemError } from '../../../core/errors.ts';
import { library } from '../../library/library.ts';
import { seriesOf } from '../../library/studyRows.ts';
import { hexOf } from './patientNames.ts';

/**
 * A study of the library as a source of cases: `study:` and its Study Instance UID. A folder may hold other
 * patients as well; who names a study means that one.
 */
const STUDY_SOURCE = /^study:([0-9.]{1,64})$/;

/** The Study Instance UID that a source names; undefined of a folder. */
export function studyOfSource(source: string): string | undefined {
  return STUDY_SOURCE.exec(source)?.[1];
}

/** A source as it is worked with: a folder by its absolute path. */
export function resolvedSource(source: string): string {
  return studyOfSource(source) === undefined ? resolve(source) : source;
}

/** What a case of this study is called: never by its UID. */
export function studyName(uid: string): string {
  return `study-${hexOf(uid, 12)}`;
}

/** Where the library knows a study to be. Throws `not-found`. */
export function placesOfStudy(uid: string): string[] {
  const series = library().use((database) => seriesOf(database, uid));
  if (series.length > 0) return [...new Set(series.flatMap(({ places }) => places))];
  throw new TandemError('not-found', 'The library has no study of this UID', {
    path: `study:${uid}`,
    hint: 'Add it (tandem library add), or name its folder.',
  });
}
