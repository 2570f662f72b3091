import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { sliceAxis } from '../../../core/contract/schemas.ts';
import { TandemError } from '../../../core/errors.ts';

/** `data.json`: what a folder of prepared training data holds, by hashes, so that a result can name its data. */
export const DATA_FILE = 'data.json';
export const DATA_FORMAT_VERSION = 1;

export const split = z.enum(['train', 'validation', 'test']);
export type Split = z.infer<typeof split>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A plain file name: no path in a manifest is followed out of its folder. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/);

const preparedCase = z.object({
  name: z.string(),
  patient: z.string(),
  split,
  /** The files it was made of. */
  sources: z.array(z.object({ name: z.string(), sha256 })),
  plane: sliceAxis,
  rows: z.int().positive(),
  columns: z.int().positive(),
  spacingMm: z.tuple([z.number().positive(), z.number().positive()]),
  sliceThicknessMm: z.number().positive(),
  places: z.array(z.int().nonnegative()).min(1),
  registration: z.string().optional(),
  /** What is to be known of its data, in words. */
  notes: z.array(z.string()).optional(),
  /** Its slices, beside the manifest. */
  file: fileName,
  bytes: z.int().positive(),
  sha256,
});
export type PreparedCase = z.infer<typeof preparedCase>;

export const dataManifestSchema = z.object({
  format: z.literal('tandem-data'),
  formatVersion: z.literal(DATA_FORMAT_VERSION),
  name: z.string(),
  target: z.string(),
  /** Null for single images. */
  reference: z.string().nullable(),
  /** How it was made, in words that a person can repeat. */
  preparation: z.record(z.string(), z.unknown()),
  cases: z.array(preparedCase).min(1),
  leftOut: z.array(z.object({ name: z.string(), patient: z.string().optional(), reason: z.string() })),
});
export type DataManifest = z.infer<typeof dataManifestSchema>;

/** The manifest as it is written: sorted by nothing but itself, so that the same content gives the same bytes. */
export function manifestText(manifest: DataManifest): string {
  return `${JSON.stringify(dataManifestSchema.parse(manifest), null, 1)}\n`;
}

/**
 * Reads the manifest of a folder. Throws `not-found` (no such file), `bad-training-data` where it is not one of this
 * version, or a patient is on both sides of the split.
 */
export async function readManifest(folder: string): Promise<{ manifest: DataManifest; sha256: string }> {
  const path = join(folder, DATA_FILE);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new TandemError('not-found', 'There is no prepared training data in this folder', {
      path: folder,
      hint: 'Make some with: tandem data prepare --case DIR … --out DIR.',
      cause,
    });
  });
  const bad = (message: string) =>
    new TandemError('bad-training-data', message, {
      path,
      hint: 'Prepare the data anew with: tandem data prepare.',
    });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw bad('The manifest is not JSON');
  }
  const { success, data, error } = dataManifestSchema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    throw bad(`The manifest is not of this version: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const sides = new Map<string, Split>();
  for (const { patient, split: side } of data.cases) {
    const known = sides.get(patient) ?? side;
    if (known !== side) throw bad(`The patient ${patient} is both in ${known} and in ${side}`);
    sides.set(patient, known);
  }
  return { manifest: data, sha256: createHash('sha256').update(bytes).digest('hex') };
}
