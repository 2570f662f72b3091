import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { writeSafetensors } from '../../core/graph/safetensors.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { CARD_FILE, MODEL_FILE, type ModelCard, modelCardSchema, WEIGHTS_FILE } from './card.ts';
import { renderCard } from './cardText.ts';

/** A card but for what follows from the weights. */
export type CardDraft = Omit<ModelCard, 'weights'>;

/**
 * Writes a package into a folder: weights and `card.md` first, `model.json` last, each whole or not at
 * all. A folder without a `model.json` is no package, so an interrupted write leaves none.
 */
export async function writeModelPackage(
  folder: string,
  draft: CardDraft,
  weights: ReadonlyMap<string, NamedTensor>,
): Promise<ModelCard> {
  const bytes = writeSafetensors(weights, new Map([['format', 'tandem-weights-1']]));
  const card = modelCardSchema.parse({
    ...draft,
    weights: {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.byteLength,
      parameters: [...weights].map(([path, { shape }]) => ({ path, shape })),
    },
  });
  await writeFileAtomically(join(folder, WEIGHTS_FILE), bytes);
  await writeFileAtomically(join(folder, CARD_FILE), renderCard(card));
  await writeFileAtomically(join(folder, MODEL_FILE), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}
