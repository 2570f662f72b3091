import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { writeSafetensors } from '../../core/graph/safetensors.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { readBounded } from './boundedFile.ts';
import {
  CARD_FILE,
  MODEL_FILE,
  type ModelCard,
  modelCardSchema,
  type Precision,
  plainName,
  WEIGHTS_FILE,
} from './card.ts';
import { renderCard } from './cardText.ts';

/** A card but for what follows from the weights and the other files. */
export type CardDraft = Omit<ModelCard, 'weights' | 'files'>;

export interface PackageOptions {
  /** How the weights are stored: float16 takes half the bytes and rounds them. float32 where it is left out. */
  readonly precision?: Precision | undefined;
  /** More files of text by name, such as `curves.svg` and `training.csv`; the card lists them. */
  readonly files?: ReadonlyMap<string, string> | undefined;
}

/**
 * Writes a package into a folder: weights, the other files and `card.md` first, `model.json` last, each whole
 * or not at all. A folder without a `model.json` is no package, so an interrupted write leaves none.
 *
 * Throws `bad-tensor-file` for weights that float16 cannot hold and `usage` for a file that cannot have its
 * name, both before anything is written.
 */
export async function writeModelPackage(
  folder: string,
  draft: CardDraft,
  weights: ReadonlyMap<string, NamedTensor>,
  { precision = 'float32', files = new Map() }: PackageOptions = {},
): Promise<ModelCard> {
  for (const name of files.keys()) checkFileName(name, folder);
  const bytes = writeSafetensors(weights, new Map([['format', 'tandem-weights-1']]), {
    type: precision === 'float16' ? 'F16' : 'F32',
    path: join(folder, WEIGHTS_FILE),
  });
  const card = modelCardSchema.parse({
    ...draft,
    weights: {
      sha256: sha256(bytes),
      bytes: bytes.byteLength,
      precision,
      parameters: [...weights].map(([path, { shape }]) => ({ path, shape })),
    },
    ...(files.size > 0 && { files: [...files].map(([name, text]) => ({ name, sha256: sha256(text) })) }),
  });
  await writeFileAtomically(join(folder, WEIGHTS_FILE), bytes);
  for (const [name, text] of files) await writeFileAtomically(join(folder, name), text);
  await writeCard(folder, card);
  return card;
}

/**
 * Writes the card of a package anew; its other files stay as they are. `model.json` comes last: what it does not
 * say was not written, whatever became of `card.md`.
 *
 * Throws `bad-model` where the folder's weights are not those of the card, before anything is written.
 */
export async function rewriteCard(folder: string, card: ModelCard): Promise<void> {
  const path = join(folder, WEIGHTS_FILE);
  const bytes = await readBounded(path, card.weights.bytes);
  if (bytes === undefined || sha256(bytes) !== card.weights.sha256) {
    throw new TandemError('bad-model', 'The weights here are not those of the card to be written', {
      path,
      hint: 'Get the model package again, whole.',
    });
  }
  await writeCard(folder, modelCardSchema.parse(card));
}

/** Throws `no-permission` where a package's card could not be written anew: to be asked before long work begins. */
export async function checkCardWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new TandemError('no-permission', 'The card of this model package cannot be written', {
      path: folder,
      hint: 'Copy the package to a folder of your own and name that.',
      cause: error,
    });
  }
}

async function writeCard(folder: string, card: ModelCard): Promise<void> {
  await writeFileAtomically(join(folder, CARD_FILE), renderCard(card));
  await writeFileAtomically(join(folder, MODEL_FILE), `${JSON.stringify(card, null, 2)}\n`);
}

const OWN_FILES: readonly string[] = [WEIGHTS_FILE, CARD_FILE, MODEL_FILE];

/** Disks that do not tell cases apart would write one file over the other. */
function checkFileName(name: string, folder: string): void {
  if (plainName.safeParse(name).success && !OWN_FILES.includes(name.toLowerCase())) return;
  throw new TandemError('usage', `A model package cannot hold a further file called “${name}”`, {
    path: folder,
    hint: `Use letters, digits, dots, hyphens and underscores, and none of ${OWN_FILES.join(', ')}.`,
  });
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
