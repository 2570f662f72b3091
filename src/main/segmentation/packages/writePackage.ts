import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../../core/errors.ts';
import { type NamedTensor, writeSafetensors } from '../../../core/graph/safetensors.ts';
import { writeFileAtomically, writeFolderAtomically } from '../../export/atomic.ts';
import { readBounded } from '../../models/boundedFile.ts';
import { CARD_FILE, MODEL_FILE, type Precision, WEIGHTS_FILE } from '../../models/card.ts';
import { ONNX_FILE, type SegmentationCard, segmentationCardSchema } from './card.ts';
import { renderSegmentationCard } from './cardText.ts';

/** A card but for what follows from the weights and the other files. */
export type SegmentationDraft = Omit<SegmentationCard, 'weights' | 'files' | 'source'>;

/** What a package is made of: a network of ours with its weights, or the bytes of a model from elsewhere. */
export type PackageContent =
  | {
      readonly kind: 'network';
      readonly network: string;
      readonly options: Record<string, unknown>;
      readonly weights: ReadonlyMap<string, NamedTensor>;
      readonly precision: Precision;
    }
  | {
      readonly kind: 'onnx';
      readonly bytes: Uint8Array;
      readonly source: Extract<SegmentationCard['source'], { kind: 'onnx' }>;
    };

/**
 * Writes a package, the folder whole or not at all.
 * @param files more files of text by name, such as `curves.svg`; the card lists them
 * @throws TandemError `output-exists`, `bad-tensor-file` for weights that float16 cannot hold
 */
export async function writeSegmentationPackage(
  folder: string,
  draft: SegmentationDraft,
  content: PackageContent,
  files: ReadonlyMap<string, string> = new Map(),
): Promise<SegmentationCard> {
  const name = content.kind === 'onnx' ? ONNX_FILE : WEIGHTS_FILE;
  const bytes =
    content.kind === 'onnx'
      ? content.bytes
      : writeSafetensors(content.weights, new Map([['format', 'tandem-weights-1']]), {
          type: content.precision === 'float16' ? 'F16' : 'F32',
          path: join(folder, name),
        });
  const card = segmentationCardSchema.parse({
    ...draft,
    source:
      content.kind === 'onnx'
        ? content.source
        : {
            kind: 'network',
            network: content.network,
            options: content.options,
            precision: content.precision,
            parameters: [...content.weights].map(([path, { shape }]) => ({ path, shape: [...shape] })),
          },
    weights: { sha256: sha256(bytes), bytes: bytes.byteLength },
    files: [...files].map(([file, text]) => ({ name: file, sha256: sha256(text) })),
  });
  await writeFolderAtomically(folder, async (temporary) => {
    await writeFile(join(temporary, name), bytes);
    for (const [file, text] of files) await writeFile(join(temporary, file), text);
    await writeFile(join(temporary, CARD_FILE), renderSegmentationCard(card));
    await writeFile(join(temporary, MODEL_FILE), jsonOf(card));
  });
  return card;
}

/**
 * Writes the card of a package anew, `model.json` last; its other files stay as they are.
 * @throws TandemError `bad-model` where the folder's weights are not those of the card
 */
export async function rewriteSegmentationCard(folder: string, card: SegmentationCard): Promise<void> {
  const path = join(folder, card.source.kind === 'onnx' ? ONNX_FILE : WEIGHTS_FILE);
  const bytes = await readBounded(path, card.weights.bytes);
  if (bytes === undefined || sha256(bytes) !== card.weights.sha256) {
    throw new TandemError('bad-model', 'The weights here are not those of the card to be written', {
      path,
      hint: 'Get the model package again, whole.',
    });
  }
  const checked = segmentationCardSchema.parse(card);
  await writeFileAtomically(join(folder, CARD_FILE), renderSegmentationCard(checked));
  await writeFileAtomically(join(folder, MODEL_FILE), jsonOf(checked));
}

function jsonOf(card: SegmentationCard): string {
  return `${JSON.stringify(card, null, 2)}\n`;
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
