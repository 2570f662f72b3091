import type { AuditEntry, AuditFault } from '../../core/contract/auditing.ts';
import { FIRST_PREVIOUS, hashOfEntry, parseLine } from './entry.ts';

/** What the library knows of the entries; absent for a copy of a log. */
export interface Vouched {
  /** Hash of every entry by number. */
  readonly hashes: ReadonlyMap<number, string>;
  /** Those that need not be in the file yet, in order. */
  readonly waiting: readonly { readonly sequence: number; readonly line: string }[];
}

export interface VerifiedLog {
  readonly entries: number;
  readonly lastHash: string | null;
  readonly waiting: number;
  readonly interruptedBytes: number;
  readonly faults: readonly AuditFault[];
}

/**
 * Holds the bytes of a log against its own hashes, and against what the library knows: each fault with its place.
 */
export function verifyLog(bytes: Uint8Array, vouched: Vouched | undefined): VerifiedLog {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = end === 0 ? [] : new TextDecoder().decode(bytes.subarray(0, end - 1)).split('\n');
  const walk = new LogWalk(vouched);
  for (const [n, line] of lines.entries()) walk.take(line, n + 1);
  walk.finish(lines.length + 1);
  const torn = bytes.subarray(end);
  const interrupted = torn.length > 0 && walk.isInterrupted(new TextDecoder().decode(torn));
  const faults: AuditFault[] = [...walk.faults].sort((a, b) => a.line - b.line);
  if (torn.length > 0 && !interrupted) {
    faults.push({
      kind: 'torn',
      line: lines.length + 1,
      sequence: null,
      message: `The last ${torn.length} bytes are no whole line`,
    });
  }
  return {
    entries: lines.length,
    lastHash: walk.last?.hash ?? null,
    waiting: walk.waiting,
    interruptedBytes: interrupted ? torn.length : 0,
    faults,
  };
}

class LogWalk {
  readonly faults: AuditFault[] = [];
  last: AuditEntry | undefined;
  readonly #vouched: Vouched | undefined;
  /** Claimed hash and line by number of entry. */
  readonly #seen = new Map<number, { readonly hash: string; readonly line: number }>();
  /** Numbers that lines stand for which can be read no more. */
  readonly #lost = new Set<number>();
  #highest = 0;

  constructor(vouched: Vouched | undefined) {
    this.#vouched = vouched;
  }

  take(text: string, line: number): void {
    const entry = parseLine(text);
    if (entry === undefined) {
      this.#highest += 1;
      this.#lost.add(this.#highest);
      this.#fault('malformed', line, this.#highest, 'This line is no entry of an audit log');
      return;
    }
    const { sequence, hash, previous } = entry;
    const known = this.#vouched?.hashes.get(sequence);
    const isOurs = known === undefined || known === hash;
    if (this.#seen.has(sequence) || (this.#vouched !== undefined && known === undefined)) {
      this.#fault('inserted', line, sequence, `Entry ${sequence} was not written here`);
      return;
    }
    if (hashOfEntry(entry) !== hash || !isOurs) {
      this.#fault('changed', line, sequence, `Entry ${sequence} is not what was written`);
    } else if (sequence < this.#highest) {
      this.#fault('reordered', line, sequence, `Entry ${sequence} stands behind entry ${this.#highest}`);
    } else {
      const before = sequence === 1 ? FIRST_PREVIOUS : this.#hashBefore(sequence);
      // An entry that was told to be changed or missing is not told again by the one behind it.
      if (before !== undefined && before !== previous) {
        this.#fault(
          'changed',
          line,
          sequence,
          `Entry ${sequence} does not follow from entry ${sequence - 1}`,
        );
      }
    }
    this.#seen.set(sequence, { hash, line });
    this.#lost.delete(sequence);
    this.#highest = Math.max(this.#highest, sequence);
    if (this.last === undefined || sequence >= this.last.sequence) this.last = entry;
  }

  /** Tells the entries that no line stands for. */
  finish(endLine: number): void {
    const waiting = new Set(this.#vouched?.waiting.map(({ sequence }) => sequence));
    const lastKnown = Math.max(0, ...(this.#vouched?.hashes.keys() ?? []));
    const highestSeen = Math.max(0, ...this.#seen.keys(), ...this.#lost);
    const missing: number[] = [];
    for (let sequence = 1; sequence <= Math.max(lastKnown, highestSeen); sequence++) {
      const found = this.#seen.has(sequence) || this.#lost.has(sequence);
      if (!found && !waiting.has(sequence)) missing.push(sequence);
    }
    for (const [first, last] of runs(missing)) {
      const count = last - first + 1;
      const which = count === 1 ? `Entry ${first} is` : `Entries ${first} to ${last} are`;
      if (first > highestSeen) this.#fault('cut', endLine, first, `${which} missing at the end`);
      else this.#fault('removed', this.#lineAfter(last, endLine), first, `${which} missing`);
    }
  }

  /** How many entries wait to be written. */
  get waiting(): number {
    return this.#vouched?.waiting.filter(({ sequence }) => !this.#seen.has(sequence)).length ?? 0;
  }

  /** Whether it is the beginning of the line that is to be written next. */
  isInterrupted(torn: string): boolean {
    const next = this.#vouched?.waiting.find(({ sequence }) => !this.#seen.has(sequence));
    return next?.line.startsWith(torn) ?? false;
  }

  #hashBefore(sequence: number): string | undefined {
    return this.#vouched?.hashes.get(sequence - 1) ?? this.#seen.get(sequence - 1)?.hash;
  }

  #lineAfter(sequence: number, endLine: number): number {
    let line = endLine;
    for (const [number, seen] of this.#seen) {
      if (number > sequence) line = Math.min(line, seen.line);
    }
    return line;
  }

  #fault(kind: AuditFault['kind'], line: number, sequence: number | null, message: string): void {
    this.faults.push({ kind, line, sequence, message });
  }
}

/** Neighbouring numbers as first and last: 2, 3, 4, 7 → [2, 4], [7, 7]. */
function* runs(numbers: readonly number[]): Generator<[number, number]> {
  let first: number | undefined;
  for (const [n, number] of numbers.entries()) {
    first ??= number;
    if (numbers[n + 1] !== number + 1) {
      yield [first, number];
      first = undefined;
    }
  }
}
