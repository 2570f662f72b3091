import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { studySummary } from '../../../src/core/contract/schemas.ts';
import { TandemError, toErrorData } from '../../../src/core/errors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { allSeries } from '../../../src/main/studies/select.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';

/**
 * Reads files on request in a process of its own, as the workstation reads them: index, then the pixels of
 * every series. What it costs is told with what came of it; a crash or a hang is its parent's to see.
 */

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** One slice as it was read. */
export interface ReadImage {
  readonly file: string;
  readonly frame: number | undefined;
  readonly tile: { readonly row: number; readonly column: number } | undefined;
  readonly columns: number;
  readonly rows: number;
  /** Between columns and between rows. */
  readonly spacingMm: readonly [number, number];
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
  readonly positionLps: Vec3;
  /** CRC-32 of the values as 32-bit floats; the code of the error where the pixels cannot be read. */
  readonly pixels: number | string;
}

export interface ReadSeries {
  readonly warnings: readonly string[];
  /** Slices of the index, those without a geometry among them. */
  readonly indexed: number;
  readonly images: readonly ReadImage[];
}

export interface Reading {
  readonly series: readonly ReadSeries[];
  /** What the index refuses, and what reading pixels threw. */
  readonly refused: readonly Refusal[];
  /** What no caller is told by a code: anything thrown that is no TandemError, an answer that is no answer. */
  readonly faults: readonly string[];
  readonly cpuSeconds: number;
  /** Most resident memory above that of the idle process, bytes; undefined where the system does not tell. */
  readonly memoryBytes: number | undefined;
}

interface Answer {
  readonly series: ReadSeries[];
  readonly refused: Refusal[];
  readonly faults: string[];
}

async function readAll(path: string): Promise<Answer> {
  const answer: Answer = { series: [], refused: [], faults: [] };
  const fail = (error: unknown, at: string): string => {
    const { code, message, path: where } = toErrorData(error);
    if (!(error instanceof TandemError) || code === 'failed' || code === 'out-of-memory') {
      answer.faults.push(error instanceof Error ? String(error.stack) : String(error));
    }
    answer.refused.push({ code, message, path: where ?? at });
    return code;
  };
  try {
    const catalogue = await scanPaths([path], QUIET_JOB);
    answer.refused.push(...catalogue.refused);
    for (const { summary } of catalogue.studies) {
      const { error } = studySummary.safeParse(summary);
      if (error !== undefined) answer.faults.push(`the list breaks the contract: ${error.message}`);
    }
    for (const entry of allSeries(catalogue)) answer.series.push(await readSeries(entry, fail));
  } catch (error) {
    fail(error, path);
  }
  for (const { code, message } of answer.refused) {
    if (code === 'failed') answer.faults.push(`refused as failed: ${message}`);
    if (/\bundefined\b(?! length)|\bNaN\b/.test(message)) answer.faults.push(`said to the user: ${message}`);
  }
  return answer;
}

async function readSeries(
  entry: SeriesEntry,
  fail: (error: unknown, at: string) => string,
): Promise<ReadSeries> {
  const warnings = entry.summary.warnings.map(({ code }) => code);
  const indexed = entry.summary.size[2];
  const { geometry } = entry;
  if (geometry === undefined) return { warnings, indexed, images: [] };
  try {
    const { stack, warnings: more = [] } = await loadSeries(entry, QUIET_JOB);
    return {
      warnings: [...warnings, ...more.map(({ code }) => code)],
      indexed,
      images: stack.slices.map(({ positionLps, pixels }, n) => ({
        file: basename(entry.files[entry.slices?.[n]?.file ?? 0]!),
        frame: entry.slices?.[n]?.frame,
        tile: entry.slices?.[n]?.tile,
        columns: stack.columns,
        rows: stack.rows,
        spacingMm: stack.spacingMm,
        iAxisLps: stack.iAxisLps,
        jAxisLps: stack.jAxisLps,
        positionLps,
        pixels: crc32(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)),
      })),
    };
  } catch (error) {
    const pixels = fail(error, entry.summary.path);
    return {
      warnings,
      indexed,
      images: geometry.positionsLps.map((positionLps, n) => ({
        file: basename(entry.files[entry.slices?.[n]?.file ?? 0]!),
        frame: entry.slices?.[n]?.frame,
        tile: entry.slices?.[n]?.tile,
        columns: geometry.columns,
        rows: geometry.rows,
        spacingMm: geometry.spacingMm,
        iAxisLps: geometry.iAxisLps,
        jAxisLps: geometry.jAxisLps,
        positionLps,
        pixels,
      })),
    };
  }
}

/** Resident memory, now and at most since the last reset, in bytes; Linux alone tells and resets it. */
function resident(name: 'VmRSS' | 'VmHWM'): number | undefined {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
    return found === null ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}

function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: the peak then is that of all files so far, which is no less.
  }
}

globalThis.gc?.();
const idleBytes = resident('VmRSS') ?? 0;

/** A path that no file has, to see that a crash is seen. */
const CRASH = '\0crash';

process.on('message', async (path: string) => {
  if (path === CRASH) process.kill(process.pid, 'SIGSEGV');
  globalThis.gc?.();
  resetPeak();
  const before = process.cpuUsage();
  const answer = await readAll(path);
  const { user, system } = process.cpuUsage(before);
  const peak = resident('VmHWM');
  const reading: Reading = {
    ...answer,
    cpuSeconds: (user + system) / 1e6,
    memoryBytes: peak === undefined ? undefined : peak - idleBytes,
  };
  process.send?.(reading);
});
process.on('disconnect', () => process.exit(0));
