import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ValidationReport } from '../../core/contract/validating.ts';
import { throwIfCancelled } from '../../core/errors.ts';

type Judgement = NonNullable<ValidationReport['dciodvfy']>;

const SECONDS_A_FILE = 20;
const LONGEST_ANSWER = 1 << 20;

/** Full path of a program on the PATH; undefined where it is not there or cannot be run. */
export async function programOnPath(
  name: string,
  path: string | undefined = process.env.PATH,
): Promise<string | undefined> {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    for (const suffix of process.platform === 'win32' ? ['.exe'] : ['']) {
      const candidate = join(folder, `${name}${suffix}`);
      const runs = await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return candidate;
    }
  }
  return undefined;
}

/**
 * What dciodvfy, David Clunie's validator, says of files. Its errors only, those that differ in nothing but values
 * as one; those that it has of a source file too, whatever the values, are marked as the source's own.
 *
 * @param program its path
 */
export async function judge(
  program: string,
  asked: {
    readonly files: readonly string[];
    readonly source: readonly string[];
    /** That one file may take. */
    readonly seconds?: number | undefined;
  },
  signal: AbortSignal,
): Promise<Judgement> {
  const answered = await answers(program, asked.files, asked.seconds, signal);
  // The source is only asked where there is something that it may have as well.
  const source = answered.some(({ errors }) => errors.length > 0) ? asked.source : [];
  const ofSource = new Set<string>();
  for (const { errors } of await answers(program, source, asked.seconds, signal)) {
    for (const error of errors) ofSource.add(fault(error));
  }
  const found = new Map<string, Judgement['errors'][number]>();
  let unanswered = 0;
  for (const { file, errors, isComplete } of answered) {
    if (!isComplete) unanswered++;
    for (const [kind, message] of firstOfKinds(errors)) {
      const known = found.get(kind);
      found.set(kind, {
        message: known?.message ?? message,
        file: known?.file ?? file,
        files: (known?.files ?? 0) + 1,
        ofSource: ofSource.has(fault(message)),
      });
    }
  }
  return { errors: [...found.values()], files: asked.files.length, unanswered };
}

/** At most so many of a list, evenly chosen, the first and the last among them. */
export function evenly<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, n) => list[Math.round((n * (list.length - 1)) / (most - 1))]!);
}

interface Answer {
  readonly file: string;
  readonly errors: readonly string[];
  readonly isComplete: boolean;
}

async function answers(
  program: string,
  files: readonly string[],
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<Answer[]> {
  const results: Answer[] = [];
  let next = 0;
  const work = async () => {
    while (next < files.length) {
      throwIfCancelled(signal);
      const n = next++;
      results[n] = await ask(program, files[n]!, seconds ?? SECONDS_A_FILE, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  return results;
}

/** One file; killed where it takes too long. */
function ask(program: string, file: string, seconds: number, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // A name that begins with a dash is no option where it comes with its folder, and paths are absolute.
    const child = spawn(program, [file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
      signal,
    });
    let text = '';
    child.stderr.setEncoding('latin1');
    child.stderr.on('data', (piece: string) => {
      if (text.length < LONGEST_ANSWER) text += piece;
    });
    child.on('error', (error) => {
      if (signal.aborted) reject(error);
      else resolve({ file, errors: [], isComplete: false });
    });
    child.on('close', (_, killedBy) => {
      const errors = text.split('\n').flatMap((line) => /^Error - (.+)/.exec(line.trim())?.[1] ?? []);
      resolve({ file, errors, isComplete: killedBy === null });
    });
  });
}

/** Of errors that differ in nothing but values, the first. */
function firstOfKinds(errors: readonly string[]): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const message of errors) {
    const kind = `${fault(message)} ${withoutValues(message)}`;
    if (!kinds.has(kind)) kinds.set(kind, message);
  }
  return kinds;
}

/** An error without the numbers in it: the source's slice has other ones. */
function withoutValues(message: string): string {
  return message.replaceAll(/\d+(\.\d+)*/g, '#');
}

/** What a source may be to blame for: a UID of an illegal root is the same wherever it is named. */
function fault(message: string): string {
  return /^Illegal root for UID - "\d+\.\d+\b/.exec(message)?.[0] ?? withoutValues(message);
}
