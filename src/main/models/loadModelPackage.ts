import { createHash } from 'node:crypto';
import { isAbsolute, join, resolve, sep } from 'node:path';
import * as z from 'zod';
import { TandemError } from '../../core/errors.ts';
import { type NamedTensor, readSafetensors } from '../../core/graph/safetensors.ts';
import { formatShape, sameShape } from '../../core/graph/shape.ts';
import { networkGraph } from '../../core/networks/index.ts';
import { shippedModelsFolder } from '../paths.ts';
import { readBounded } from './boundedFile.ts';
import { MODEL_FILE, MODEL_FORMAT_VERSION, type ModelCard, modelCardSchema, WEIGHTS_FILE } from './card.ts';
import { modelIds, siteModelsFolder } from './folders.ts';

/** A trained model, checked: its weights are those of its network, whole and finite. */
export interface ModelPackage {
  readonly id: string;
  /** Its folder, absolute. */
  readonly path: string;
  readonly card: ModelCard;
  readonly weights: ReadonlyMap<string, NamedTensor>;
  readonly weightsSha256: string;
}

const LARGEST_CARD = 4 * 2 ** 20;
const LARGEST_WEIGHTS = 2 ** 31;
/** Any size serves to ask a network for its parameters. */
const PROBE = { batch: 1, rows: 32, columns: 32 };

/**
 * A model package: a shipped one or one of the site's by its id, or any by the path of its folder. What is read are two
 * files of fixed names; no path inside the package is followed. Weights stored in float16 come as float32.
 *
 * @param models a folder to look for ids in, instead of the shipped ones and, behind them, the site's
 * @throws TandemError `model-not-found` (listing the ids), `bad-model` (card, network, names, shapes, size,
 *   hash, precision or values), `bad-tensor-file`.
 */
export async function loadModelPackage(idOrPath: string, models?: string): Promise<ModelPackage> {
  const path = looksLikePath(idOrPath) ? resolve(idOrPath) : await folderOf(idOrPath, models);
  const card = await loadModelCard(path, () => modelNotFound(idOrPath, models));
  const weightsPath = join(path, WEIGHTS_FILE);
  const bad = (message: string): TandemError =>
    new TandemError('bad-model', message, { path: weightsPath, hint: 'Get the model package again, whole.' });

  const bytes = await readBounded(weightsPath, Math.min(card.weights.bytes, LARGEST_WEIGHTS));
  if (bytes === undefined) throw bad('The weights of the model are missing');
  if (bytes.byteLength !== card.weights.bytes) {
    throw bad(`The weights are not the ${card.weights.bytes} bytes that the card says`);
  }
  const weightsSha256 = createHash('sha256').update(bytes).digest('hex');
  if (weightsSha256 !== card.weights.sha256)
    throw bad('The weights are not those of the card: their hash differs');
  const { tensors: weights, types } = readSafetensors(bytes, weightsPath);
  checkPrecision(card, types, bad);
  checkWeights(card, weights, bad);
  return { id: card.id, path, card, weights, weightsSha256 };
}

/**
 * The card of the package in a folder, without its weights.
 *
 * @param missing the error for a folder without a card
 */
export async function loadModelCard(path: string, missing?: () => Promise<TandemError>): Promise<ModelCard> {
  const cardPath = join(path, MODEL_FILE);
  const bad = (message: string, hint?: string): TandemError =>
    new TandemError('bad-model', message, { path: cardPath, hint });
  const bytes = await readBounded(cardPath, LARGEST_CARD);
  if (bytes === undefined) throw missing ? await missing() : bad('There is no model card');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('The card of the model is not JSON');
  }
  const head = z.object({ format: z.literal('tandem-model'), formatVersion: z.int() }).safeParse(json);
  if (!head.success) throw bad('This is not the card of a Tandem MR model');
  if (head.data.formatVersion > MODEL_FORMAT_VERSION) {
    throw bad(
      `The model has the format version ${head.data.formatVersion}, newer than ${MODEL_FORMAT_VERSION}`,
      'Use a newer version of Tandem MR.',
    );
  }
  const parsed = modelCardSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(`The card of the model is malformed: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data;
}

/** A card that says half precision of whole weights, or the reverse, was not written with them. */
function checkPrecision(
  { weights: { precision } }: ModelCard,
  types: ReadonlyMap<string, string>,
  bad: (message: string) => TandemError,
): void {
  const expected = precision === 'float16' ? 'F16' : 'F32';
  for (const [path, type] of types) {
    if (type !== expected) throw bad(`${path} is stored as ${type}, the card says ${precision}`);
  }
}

/** Weights must be exactly the parameters of the card's network: names, shapes, finite values. */
function checkWeights(
  card: ModelCard,
  weights: ReadonlyMap<string, NamedTensor>,
  bad: (message: string) => TandemError,
): void {
  const { parameters } = networkGraph(card.network, card.options, card.scale, PROBE);
  const said = new Map(card.weights.parameters.map(({ path, shape }) => [path, shape]));
  for (const { path, tensor } of parameters) {
    const found = weights.get(path);
    if (found === undefined) throw bad(`The weights lack the parameter ${path} of ${card.network}`);
    if (!sameShape(found.shape, tensor.shape) || !sameShape(said.get(path) ?? [], tensor.shape)) {
      throw bad(
        `${path} has the shape ${formatShape(found.shape)}, ${card.network} needs ${formatShape(tensor.shape)}`,
      );
    }
    if (!found.data.every(Number.isFinite)) throw bad(`${path} holds values that are not finite`);
  }
  if (weights.size !== parameters.length) {
    const known = new Set(parameters.map(({ path }) => path));
    const extra = [...weights.keys()].find((path) => !known.has(path));
    throw bad(`The weights hold ${extra}, which ${card.network} does not have`);
  }
}

function looksLikePath(idOrPath: string): boolean {
  return isAbsolute(idOrPath) || /[/\\]/.test(idOrPath) || idOrPath.includes(sep) || /^\.\.?$/.test(idOrPath);
}

async function folderOf(id: string, models: string | undefined): Promise<string> {
  if (models !== undefined) return join(models, id);
  const site = join(siteModelsFolder(), id);
  const isShipped = (await modelIds(shippedModelsFolder)).includes(id);
  return !isShipped && (await modelIds(siteModelsFolder())).includes(id)
    ? site
    : join(shippedModelsFolder, id);
}

async function modelNotFound(idOrPath: string, models: string | undefined): Promise<TandemError> {
  if (looksLikePath(idOrPath)) {
    return new TandemError('model-not-found', 'There is no model package in this folder', {
      path: resolve(idOrPath),
      hint: `A package is a folder with ${MODEL_FILE} and ${WEIGHTS_FILE}.`,
    });
  }
  const ids =
    models === undefined
      ? [...(await modelIds(shippedModelsFolder)), ...(await modelIds(siteModelsFolder()))]
      : await modelIds(models);
  return new TandemError('model-not-found', `There is no model called ${idOrPath}`, {
    hint: ids.length === 0 ? 'No models are here; give the path of a package.' : `Models: ${ids.join(', ')}.`,
  });
}
