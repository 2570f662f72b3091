import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type AcceptanceReport, acceptanceThresholds } from '../../../core/contract/acceptance.ts';
import { TandemError } from '../../../core/errors.ts';
import { readBounded } from '../../models/boundedFile.ts';

const LARGEST = 2 ** 20;

/**
 * The thresholds of a file, with its hash, when it was last changed, and when it was read: now, before any case.
 *
 * @param expected the hash that was told before the training, where one was
 * @throws TandemError `not-found`, `usage` (malformed, or not the file that was told)
 */
export async function readThresholds(
  path: string,
  expected: string | undefined,
): Promise<AcceptanceReport['thresholds']> {
  const bytes = await readBounded(path, LARGEST).catch(() => undefined);
  const info = await stat(path).catch(() => undefined);
  if (bytes === undefined || info === undefined) {
    throw new TandemError('not-found', 'There is no file of thresholds here', { path, hint: EXAMPLE });
  }
  const bad = (message: string) => new TandemError('usage', message, { path, hint: EXAMPLE });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('The thresholds are not JSON');
  }
  const parsed = acceptanceThresholds.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw bad(`The thresholds are malformed: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (expected !== undefined && expected !== sha256) {
    throw new TandemError('usage', 'These are not the thresholds that were written down before', {
      path,
      hint: `They have the SHA-256 ${sha256}, ${expected} was told.`,
    });
  }
  return {
    file: basename(path),
    sha256,
    modified: info.mtime.toISOString(),
    read: new Date().toISOString(),
    content: parsed.data,
  };
}

const EXAMPLE =
  'Write for instance {"format":"tandem-thresholds","formatVersion":1,"leastPatients":3,"thresholds":[{"quantity":"psnrInside","statistic":"interval-low","atLeast":0}]}.';
