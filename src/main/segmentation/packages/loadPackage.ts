import { createHash } from 'node:crypto';
import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { TandemError } from '../../../core/errors.ts';
import { type NamedTensor, readSafetensors } from '../../../core/graph/safetensors.ts';
import { formatShape, sameShape } from '../../../core/graph/shape.ts';
import { segmentationGraph, segmentationNetworkNamed } from '../../../core/networks/segmentation/index.ts';
import { readBounded } from '../../models/boundedFile.ts';
import { MODEL_FILE, WEIGHTS_FILE } from '../../models/card.ts';
import { modelIds } from '../../models/folders.ts';
import {
  ONNX_FILE,
  SEGMENTATION_FORMAT,
  SEGMENTATION_FORMAT_VERSION,
  type SegmentationCard,
  segmentationCardSchema,
} from './card.ts';
import { checkedOnnx } from './checkOnnxModel.ts';
import { segmentationIds, shippedSegmentationFolder, siteSegmentationFolder } from './folders.ts';

/** A segmentation model, checked: its weights are those of its card, whole and finite. */
export interface SegmentationPackage {
  readonly id: string;
  /** Its folder, absolute. */
  readonly path: string;
  readonly card: SegmentationCard;
  /** Of a network of ours. */
  readonly weights?: ReadonlyMap<string, NamedTensor> | undefined;
  /** The bytes of a model from elsewhere. */
  readonly onnx?: Uint8Array | undefined;
}

const LARGEST_CARD = 4 * 2 ** 20;
/** Of a model from elsewhere, or of weights: what segments slices is far smaller. */
export const LARGEST_SEGMENTATION_MODEL = 512 * 2 ** 20;

/**
 * A segmentation package: a shipped one or one of the site's by its id, or any by the path of its folder. Two
 * files of fixed names are read; no path inside the package is followed.
 *
 * @throws TandemError `model-not-found` (listing the ids), `bad-model` (card, network, names, shapes, size, hash,
 *   values, operators), `bad-tensor-file`
 */
export async function loadSegmentationPackage(idOrPath: string): Promise<SegmentationPackage> {
  const isPath = isAbsolute(idOrPath) || /[/\\]/.test(idOrPath) || /^\.\.?$/.test(idOrPath);
  const path = isPath ? resolve(idOrPath) : await folderOf(idOrPath);
  const card = await loadSegmentationCard(path, () => notFound(idOrPath, isPath));
  const { kind } = card.source;
  const file = join(path, kind === 'onnx' ? ONNX_FILE : WEIGHTS_FILE);
  const bad = (message: string): TandemError =>
    new TandemError('bad-model', message, { path: file, hint: 'Get the model package again, whole.' });
  const bytes = await readBounded(file, Math.min(card.weights.bytes, LARGEST_SEGMENTATION_MODEL));
  if (bytes === undefined) throw bad('The weights of the model are missing');
  if (bytes.byteLength !== card.weights.bytes) {
    throw bad(`The weights are not the ${card.weights.bytes} bytes that the card says`);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== card.weights.sha256) {
    throw bad('The weights are not those of the card: their hash differs');
  }
  if (card.source.kind === 'onnx') {
    checkedOnnx(bytes, card.spec, { path: file, expected: card.source });
    return { id: card.id, path, card, onnx: bytes };
  }
  const { tensors, types } = readSafetensors(bytes, file);
  const expected = card.source.precision === 'float16' ? 'F16' : 'F32';
  for (const [name, type] of types) {
    if (type !== expected) throw bad(`${name} is stored as ${type}, the card says ${card.source.precision}`);
  }
  checkWeights(card, card.source, tensors, bad);
  return { id: card.id, path, card, weights: tensors };
}

/** The card of the package in a folder. @param missing the error for a folder without one */
export async function loadSegmentationCard(
  path: string,
  missing?: () => Promise<TandemError>,
): Promise<SegmentationCard> {
  const file = join(path, MODEL_FILE);
  const bad = (message: string, hint?: string): TandemError =>
    new TandemError('bad-model', message, { path: file, hint });
  const bytes = await readBounded(file, LARGEST_CARD);
  if (bytes === undefined) throw missing ? await missing() : bad('There is no model card');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('The card of the model is not JSON');
  }
  const head = z.object({ format: z.string(), formatVersion: z.int() }).safeParse(json);
  if (!head.success || head.data.format !== SEGMENTATION_FORMAT) {
    throw bad(
      'This is not the card of a segmentation model',
      'Segmentation models are listed by: tandem segment models',
    );
  }
  if (head.data.formatVersion > SEGMENTATION_FORMAT_VERSION) {
    throw bad(
      `The model has the format version ${head.data.formatVersion}, newer than ${SEGMENTATION_FORMAT_VERSION}`,
      'Use a newer version of Tandem MR.',
    );
  }
  const parsed = segmentationCardSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw bad(`The card of the model is malformed: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** Weights must be exactly the parameters of the card's network: names, shapes, finite values. */
function checkWeights(
  { spec }: SegmentationCard,
  source: Extract<SegmentationCard['source'], { kind: 'network' }>,
  weights: ReadonlyMap<string, NamedTensor>,
  bad: (message: string) => TandemError,
): void {
  const { multipleOf, parseOptions } = segmentationNetworkNamed(source.network);
  const { size } = spec.canvas;
  if (size % multipleOf(parseOptions(source.options)) !== 0) {
    throw bad(`${source.network} cannot see a canvas of ${size} pixels with these options`);
  }
  // What our networks answer: one logit a pixel.
  if (spec.output !== 'sigmoid' || spec.channels !== 1) {
    throw bad(`${source.network} answers one logit a pixel, which the card does not say`);
  }
  const shape = { batch: 1, contrasts: spec.contrasts.length, rows: size, columns: size };
  const { parameters } = segmentationGraph(source.network, source.options, shape).graph;
  const said = new Map(source.parameters.map((one) => [one.path, one.shape]));
  for (const { path, tensor } of parameters) {
    const found = weights.get(path);
    if (found === undefined) throw bad(`The weights lack the parameter ${path} of ${source.network}`);
    if (!sameShape(found.shape, tensor.shape) || !sameShape(said.get(path) ?? [], tensor.shape)) {
      throw bad(
        `${path} has the shape ${formatShape(found.shape)}, ${source.network} needs ${formatShape(tensor.shape)}`,
      );
    }
    if (!found.data.every(Number.isFinite)) throw bad(`${path} holds values that are not finite`);
  }
  if (weights.size === parameters.length) return;
  const known = new Set(parameters.map(({ path }) => path));
  const extra = [...weights.keys()].find((path) => !known.has(path));
  throw bad(`The weights hold ${extra}, which ${source.network} does not have`);
}

async function folderOf(id: string): Promise<string> {
  const site = siteSegmentationFolder();
  const ships = (await modelIds(shippedSegmentationFolder())).includes(id);
  return !ships && (await modelIds(site)).includes(id)
    ? join(site, id)
    : join(shippedSegmentationFolder(), id);
}

async function notFound(idOrPath: string, isPath: boolean): Promise<TandemError> {
  if (isPath) {
    return new TandemError('model-not-found', 'There is no segmentation package in this folder', {
      path: resolve(idOrPath),
      hint: `A package is a folder with ${MODEL_FILE} and ${WEIGHTS_FILE} (or ${ONNX_FILE}).`,
    });
  }
  const ids = await segmentationIds();
  return new TandemError('model-not-found', `There is no segmentation model called ${idOrPath}`, {
    hint:
      ids.length === 0
        ? 'No segmentation models are here; give the path of a package.'
        : `Segmentation models: ${ids.join(', ')}.`,
  });
}
