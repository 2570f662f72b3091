import type { Warning } from '../contract/schemas.ts';
import type { DataSet } from './dataSet.ts';
import { numbersOf } from './numbers.ts';
import { TAG } from './tags.ts';

/**
 * Which part of a multi-frame image a file holds, where the image was too long for one and is split over several
 * (concatenation, PS3.3 C.7.6.16.1 and C.7.6.16.2.2.4). The parts are instances of one series, and read as one.
 */
export interface Concatenation {
  readonly uid: string;
  /** From 1. */
  readonly part: number;
  /** How many there are, where that was known when they were written. */
  readonly parts: number | undefined;
}

/** Undefined for an image that is whole, or does not say which part it is. */
export function readConcatenation(dataSet: DataSet): Concatenation | undefined {
  const uid = dataSet.string(TAG.ConcatenationUID);
  const part = numbersOf(dataSet, TAG.InConcatenationNumber, 'US')?.[0];
  if (uid === undefined || part === undefined || part < 1) return undefined;
  return { uid, part, parts: numbersOf(dataSet, TAG.InConcatenationTotalNumber, 'US')?.[0] };
}

/** A warning, by Concatenation UID, for each split image of which parts are not there: their frames are not either. */
export function missingParts(found: Iterable<Concatenation | undefined>): ReadonlyMap<string, Warning> {
  const byUid = new Map<string, { readonly there: Set<number>; parts: number }>();
  for (const one of found) {
    if (one === undefined) continue;
    const known = byUid.get(one.uid) ?? { there: new Set(), parts: 0 };
    known.there.add(one.part);
    known.parts = Math.max(known.parts, one.part, one.parts ?? 0);
    byUid.set(one.uid, known);
  }
  const warnings = new Map<string, Warning>();
  for (const [uid, { there, parts }] of byUid) {
    const missing = Array.from({ length: parts }, (_, n) => n + 1).filter((part) => !there.has(part));
    if (missing.length === 0) continue;
    const which = `${missing.length === 1 ? 'part' : 'parts'} ${missing.join(', ')} of ${parts}`;
    warnings.set(uid, {
      code: 'gap',
      message: `The images come from one that was split over several files (a concatenation), and ${which} ${missing.length === 1 ? 'is' : 'are'} not among them: the slices in there are missing. Export the series again with all of its files`,
    });
  }
  return warnings;
}
