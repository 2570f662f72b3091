import { rm } from 'node:fs/promises';
import * as z from 'zod';
import { type ErrorData, fromErrorData, TandemError, toErrorData } from '../../core/errors.ts';
import { appVersion } from '../version.ts';
import { readJson, replaceQuietly } from './run/runFolder.ts';

const fileSchema = z.object({ software: z.string(), known: z.record(z.string(), z.unknown()) });

const WRITE_EVERY_MS = 5000;
/** Of what takes long and ends so, the end is worth knowing too. */
const KEPT_ERROR = 'registration-untrusted';

/**
 * What was found out about cases while they were chosen: registrations and comparisons of heads take minutes for a
 * large site, and a program that is killed meanwhile is not to do them again. Results are those of the files that the
 * keys name by hashes, and of this version of the program.
 */
export class ChosenSoFar {
  private readonly path: string;
  private readonly known: Map<string, unknown>;
  private writtenAt = performance.now();

  private readonly everyMs: number;

  private constructor(path: string, known: Map<string, unknown>, everyMs: number) {
    this.path = path;
    this.known = known;
    this.everyMs = everyMs;
  }

  static async open(path: string, everyMs: number = WRITE_EVERY_MS): Promise<ChosenSoFar> {
    const found = fileSchema.safeParse(await readJson(path)).data;
    const isOurs = found?.software === appVersion;
    return new ChosenSoFar(path, new Map(isOurs ? Object.entries(found.known) : []), everyMs);
  }

  /** The result of work that was done before under this key, else of doing it: plain data, no `undefined`. */
  async once<T>(key: string, work: () => T | Promise<T>): Promise<T> {
    const found = this.known.get(key) as { readonly value: T } | { readonly error: ErrorData } | undefined;
    if (found !== undefined) {
      if ('error' in found) throw fromErrorData(found.error);
      return found.value;
    }
    try {
      const value = await work();
      await this.keep(key, { value });
      return value;
    } catch (error) {
      if (error instanceof TandemError && error.code === KEPT_ERROR) {
        await this.keep(key, { error: toErrorData(error) });
      }
      throw error;
    }
  }

  /** Nothing of it is needed any more. */
  async forget(): Promise<void> {
    await rm(this.path, { force: true }).catch(() => {});
  }

  private async keep(key: string, value: unknown): Promise<void> {
    this.known.set(key, value);
    if (performance.now() - this.writtenAt < this.everyMs) return;
    this.writtenAt = performance.now();
    await replaceQuietly(
      this.path,
      JSON.stringify({ software: appVersion, known: Object.fromEntries(this.known) }),
    );
  }
}
