import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TandemError } from '../../core/errors.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { readBounded } from '../models/boundedFile.ts';
import { isSamePatient } from '../training/data/patientNames.ts';

/** `locked-test.json`: the cases that a model will be judged on, by hashes, written before it is trained. */
export const LOCKED_FILE = 'locked-test.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const lockedCase = z.object({
  name: z.string(),
  patient: z.string(),
  /** `patientSha256`: the identity without its name. */
  patientSha256: sha256,
  files: z.array(z.object({ name: z.string(), sha256 })).min(1),
  /** `voxelsSha256` of the images as read, whatever their headers say. */
  voxels: z.object({ target: sha256, reference: sha256.nullable() }),
});
export type LockedCase = z.infer<typeof lockedCase>;

export const lockedSet = z.object({
  format: z.literal('tandem-locked-test'),
  formatVersion: z.literal(1),
  written: z.iso.datetime(),
  software: z.string(),
  target: z.string(),
  reference: z.string().nullable(),
  cases: z.array(lockedCase).min(1),
});
export type LockedSet = z.infer<typeof lockedSet>;

const LARGEST = 64 * 2 ** 20;

/** Of a patient's name or pseudonym. */
export function patientSha256(patient: string): string {
  return createHash('sha256').update(`tandem-patient\n${patient}`).digest('hex');
}

/** Of a volume's size and values, not of its place: another study UID or origin does not change it. */
export function voxelsSha256({ grid, voxels }: Volume): string {
  const bytes = new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  return createHash('sha256')
    .update(`${grid.size.join('×')}\n`)
    .update(bytes)
    .digest('hex');
}

/** The manifest as it is written. */
export function lockedText(locked: LockedSet): string {
  return `${JSON.stringify(lockedSet.parse(locked), null, 1)}\n`;
}

/** Throws `not-found`, `bad-training-data` where it is no such manifest. */
export async function readLockedSet(
  path: string,
): Promise<{ readonly locked: LockedSet; readonly sha256: string }> {
  const bytes = await readBounded(path, LARGEST).catch(() => undefined);
  if (bytes === undefined) {
    throw new TandemError('not-found', 'There is no manifest of a locked test set here', {
      path,
      hint: 'Lock one with: tandem data choose DIR … --test-share 0.2 --out DIR.',
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    json = undefined;
  }
  const parsed = lockedSet.safeParse(json);
  if (!parsed.success) {
    throw new TandemError('bad-training-data', 'This is no manifest of a locked test set', { path });
  }
  return { locked: parsed.data, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A case to learn from, as far as it must be known to be kept apart. */
export interface LearnedCase {
  readonly name: string;
  readonly patient: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/**
 * Throws `bad-training-data`, naming each, where a case to train on is one of the locked set: by patient, by a file
 * or by voxels.
 *
 * @param own the voxels of the case, where it is one and they were read
 */
export function refuseLocked(
  { cases: locked }: LockedSet,
  cases: readonly LearnedCase[],
  own?: LockedCase['voxels'],
): void {
  const found = cases.flatMap((one) => {
    const files = new Set(one.files.map(({ sha256: hash }) => hash));
    const same = locked.find(
      (kept) =>
        kept.patientSha256 === patientSha256(one.patient) ||
        isSamePatient(kept.patient, one.patient) ||
        kept.files.some(({ sha256: hash }) => files.has(hash)) ||
        (own !== undefined &&
          (kept.voxels.target === own.target ||
            (own.reference !== null && kept.voxels.reference === own.reference))),
    );
    return same === undefined ? [] : [`${one.name} is ${same.name} of the test set`];
  });
  if (found.length === 0) return;
  throw new TandemError(
    'bad-training-data',
    `The locked test set may not be trained on: ${found.join('; ')}`,
    {
      hint: 'Leave these cases out of the training.',
    },
  );
}

/** Throws `bad-training-data` where the cases to judge on are not exactly those that were locked. */
export function requireLocked(
  { cases: locked }: LockedSet,
  cases: readonly Pick<LearnedCase, 'name' | 'files'>[],
  path: string,
): void {
  const key = ({ files }: Pick<LearnedCase, 'files'>) =>
    files
      .map(({ sha256: hash }) => hash)
      .sort()
      .join();
  const [wanted, given] = [new Set(locked.map(key)), new Set(cases.map(key))];
  const missing = locked
    .filter((one) => !given.has(key(one)))
    .map(({ name }) => `${name} is missing or changed`);
  const extra = cases.filter((one) => !wanted.has(key(one))).map(({ name }) => `${name} was not locked`);
  if (missing.length + extra.length === 0) return;
  throw new TandemError(
    'bad-training-data',
    `The cases are not those of the locked test set: ${[...missing, ...extra].join('; ')}`,
    { path, hint: 'Judge on the folders that were locked, unchanged and all of them.' },
  );
}
