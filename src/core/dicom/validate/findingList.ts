import { formatTag } from '../tags.ts';
import type { Finding, Note } from './finding.ts';

/** A finding, and in how many files it was found; `file` is the first of them. */
export interface CountedFinding extends Finding {
  readonly files: number;
}

/** Findings of many files: what is alike in all slices of a series is one. */
export class FindingList {
  readonly #kinds = new Map<string, { readonly finding: Finding; files: number; last: string }>();

  /** Notes what is found of a file. */
  of(file: string): Note {
    return (severity, code, place, message) => {
      const tag = place.map(formatTag).join(' > ');
      const key = JSON.stringify([severity, code, tag, message]);
      const known = this.#kinds.get(key);
      if (known === undefined) {
        this.#kinds.set(key, { finding: { severity, code, tag, message, file }, files: 1, last: file });
      } else if (known.last !== file) {
        known.files++;
        known.last = file;
      }
    };
  }

  all(): CountedFinding[] {
    return [...this.#kinds.values()].map(({ finding, files }) => ({ ...finding, files }));
  }
}
