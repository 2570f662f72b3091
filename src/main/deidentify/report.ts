import type { Result } from '../../core/contract/operations.ts';
import type { Outcome } from '../../core/dicom/deidentify/deidentifyDataSet.ts';
import type { KeywordDictionary } from '../../core/dicom/derived/dictionary.ts';
import { formatTag } from '../../core/dicom/tags.ts';
import { type DeidentifyWarning, warningMessage } from './warnings.ts';

type Attribute = Result<'deidentify'>['attributes'][number];

interface Count {
  readonly tag: number;
  readonly outcome: Outcome;
  elements: number;
  files: number;
  lastFile: number;
}

/** Counts what became of which attribute over many files. Values never come near it. */
export class DeidentifyReport {
  readonly #counts = new Map<string, Count>();
  readonly #warnings = new Map<DeidentifyWarning, number>();
  readonly #patients = new Set<string>();
  readonly #studies = new Set<string>();
  #file = 0;

  beginFile(): void {
    this.#file++;
  }

  note(tag: number, outcome: Outcome): void {
    const key = `${tag} ${outcome}`;
    const count = this.#counts.get(key) ?? { tag, outcome, elements: 0, files: 0, lastFile: 0 };
    count.elements++;
    if (count.lastFile !== this.#file) count.files++;
    count.lastFile = this.#file;
    this.#counts.set(key, count);
  }

  addObject(patient: string, study: string, warnings: readonly DeidentifyWarning[]): void {
    this.#patients.add(patient);
    this.#studies.add(study);
    for (const code of warnings) this.#warnings.set(code, (this.#warnings.get(code) ?? 0) + 1);
  }

  get patients(): number {
    return this.#patients.size;
  }

  get studies(): number {
    return this.#studies.size;
  }

  attributes(keywordOf: KeywordDictionary): Attribute[] {
    return [...this.#counts.values()]
      .sort((a, b) => a.tag - b.tag || (a.outcome < b.outcome ? -1 : 1))
      .map(({ tag, outcome, elements, files }) => ({
        tag: formatTag(tag),
        keyword: keywordOf(tag) ?? '',
        outcome,
        elements,
        files,
      }));
  }

  warnings(): Result<'deidentify'>['warnings'] {
    return [...this.#warnings].map(([code, files]) => ({ code, message: warningMessage(code), files }));
  }
}
