import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Base } from './bases.ts';
import { judge } from './judge.ts';
import { makeMutant } from './mutants.ts';
import { Reader } from './reader.ts';
import { contentFaults, costFaults, type Good } from './rules.ts';

/** What came of a number of mutants. */
export interface Survey {
  readonly mutants: number;
  /** Every image of it was read. */
  readonly read: number;
  /** Some of it was, and the rest was refused. */
  readonly partly: number;
  readonly refused: number;
  /** How often each code was given. */
  readonly codes: Readonly<Record<string, number>>;
  /** Broken promises, with the number that makes each of them again. */
  readonly faults: readonly string[];
  /** Of the slowest and the largest. */
  readonly worstSeconds: number;
  readonly worstCpuSeconds: number;
  readonly worstMemoryBytes: number;
}

export interface SurveyOptions {
  readonly numbers: Iterable<number>;
  /** Processes that read at the same time; 1 where absent. */
  readonly readers?: number;
  readonly onProgress?: (done: number, faults: readonly string[]) => void;
}

/** Reads the good files, then mutants of them, and holds each against what is promised. */
export async function surveyMutants(bases: readonly Base[], options: SurveyOptions): Promise<Survey> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-mutants-'));
  const tally = new Tally();
  const numbers = options.numbers[Symbol.iterator]();
  const lane = async (name: string): Promise<void> => {
    const reader = new Reader();
    try {
      const goods = await readGoods(bases, join(folder, name), reader);
      for (let next = numbers.next(); next.done !== true; next = numbers.next()) {
        const mutant = makeMutant(bases, next.value);
        const { path, good } = goods.get(mutant.base)!;
        writeFileSync(path, mutant.bytes);
        const outcome = await reader.read(path);
        const faults = costFaults(outcome, mutant.bytes.length);
        if ('reading' in outcome) faults.push(...contentFaults(good, mutant.bytes, outcome.reading));
        const which = `${mutant.number} (${mutant.base.name}; ${mutant.what})`;
        tally.add(
          outcome,
          faults.map((fault) => `${which}: ${fault}`),
        );
        options.onProgress?.(tally.mutants, tally.faults);
      }
    } finally {
      reader.close();
    }
  };
  try {
    await Promise.all(Array.from({ length: options.readers ?? 1 }, (_, n) => lane(String(n))));
    return { ...tally };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Kept {
  readonly path: string;
  readonly good: Good;
}

async function readGoods(bases: readonly Base[], folder: string, reader: Reader): Promise<Map<Base, Kept>> {
  mkdirSync(folder);
  const goods = new Map<Base, Kept>();
  for (const [n, base] of bases.entries()) {
    const path = placeOf(base, join(folder, String(n)));
    goods.set(base, { path, good: await readGood(base, path, reader) });
  }
  return goods;
}

/** Where mutants of a base are written: a folder of its own, with what a directory names beside it. */
function placeOf(base: Base, folder: string): string {
  if (base.folder === undefined) {
    mkdirSync(folder);
  } else {
    // Other directories, and those of other file sets, are left out.
    cpSync(base.folder, folder, {
      recursive: true,
      filter: (path) => !/DICOMDIR|TINY|README/.test(basename(path)),
    });
  }
  return join(folder, base.fileName);
}

/**
 * Reads a good file.
 * @throws Error where the second reading does not agree on the good file: it could then judge nothing
 */
export async function readGood(base: Base, path: string, reader: Reader): Promise<Good> {
  writeFileSync(path, base.bytes);
  const outcome = await reader.read(path);
  if (!('reading' in outcome)) throw new Error(`${base.name}: ${outcome.words}`);
  const { reading } = outcome;
  const good: Good = { base, reading, judgement: base.form === 'dicom' ? judge(base.bytes) : undefined };
  const faults = [...costFaults(outcome, base.bytes.length), ...contentFaults(good, base.bytes, reading)];
  if (faults.length > 0) throw new Error(`${base.name}: ${faults.join('; ')}`);
  if (reading.series.length === 0 || reading.refused.length > 0) {
    throw new Error(`${base.name} is not read: ${JSON.stringify(reading.refused)}`);
  }
  return good;
}

class Tally implements Survey {
  mutants = 0;
  read = 0;
  partly = 0;
  refused = 0;
  readonly codes: Record<string, number> = {};
  readonly faults: string[] = [];
  worstSeconds = 0;
  worstCpuSeconds = 0;
  worstMemoryBytes = 0;

  add(outcome: Awaited<ReturnType<Reader['read']>>, faults: readonly string[]): void {
    this.mutants++;
    this.faults.push(...faults);
    this.worstSeconds = Math.max(this.worstSeconds, outcome.seconds);
    if (!('reading' in outcome)) return;
    const { series, refused, cpuSeconds, memoryBytes = 0 } = outcome.reading;
    this.worstCpuSeconds = Math.max(this.worstCpuSeconds, cpuSeconds);
    this.worstMemoryBytes = Math.max(this.worstMemoryBytes, memoryBytes);
    for (const { code } of refused) this.codes[code] = (this.codes[code] ?? 0) + 1;
    const isRead = series.some(({ images }) => images.some(({ pixels }) => typeof pixels === 'number'));
    if (!isRead) this.refused++;
    else if (refused.length > 0) this.partly++;
    else this.read++;
  }
}
