import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Request } from '../../../core/contract/operations.ts';
import type {
  EvaluatedImage,
  EvaluateSegmentationResult,
} from '../../../core/contract/segmentationEvaluation.ts';
import { TandemError, toErrorData } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { networkNamed } from '../../../core/networks/index.ts';
import { countMarked, diceOfSlices, maskOf } from '../../../core/segmentation/overlap.ts';
import { voxelMlOf } from '../../../core/segmentation/segmentStack.ts';
import { IDENTITY_AFFINE } from '../../../core/volume/affine.ts';
import { degradeStack, zeroFillStack } from '../../../core/volume/kspace.ts';
import type { SliceStack } from '../../../core/volume/sliceStack.ts';
import { chooseModels } from '../../evaluation/chooseModels.ts';
import { naming } from '../../evaluation/evaluateCase.ts';
import { ENDS_ALL } from '../../evaluation/evaluateOperation.ts';
import { findCases } from '../../evaluation/findCases.ts';
import { markdownTable } from '../../evaluation/report/markdown.ts';
import { checkOutputFolder, writeFolderAtomically } from '../../export/atomic.ts';
import type { Handler } from '../../host/handler.ts';
import { loadModelPackage, type ModelPackage } from '../../models/loadModelPackage.ts';
import { checkCardWritable } from '../../models/writeModelPackage.ts';
import { type ChosenDevice, chooseDevice } from '../../runtime/devices.ts';
import { enhanceStack } from '../../superres/enhanceStack.ts';
import { patientOf } from '../../training/data/pairFiles.ts';
import { loadSegmentationPackage, type SegmentationPackage } from '../packages/loadPackage.ts';
import { segmentSeries } from '../run/segmentSeries.ts';
import { SEGMENTATION_NOTICE } from '../summary.ts';
import { overlapOf } from './compare.ts';
import { loadSegmentedCase, type SegmentedCase } from './loadCase.ts';
import { ontoCards } from './ontoCards.ts';
import { summarise, summariseFalse } from './summarise.ts';
import { segmentationTables } from './tables.ts';

type Asked = Request<'evaluateSegmentation'>;
type Failed = EvaluateSegmentationResult['failed'];
type OfCase = EvaluateSegmentationResult['cases'][number];

/** One kind of image of a case. */
interface Image {
  readonly image: string;
  readonly scale: 2 | 4 | null;
  readonly stack: SliceStack;
}

/**
 * Degrades the target of every case by k-space truncation, brings it back by zero-filling and by every model that
 * enhances, and lets every segmentation model loose on the original and on each of them: Dice and 95 % Hausdorff
 * distance against the mask that was drawn, and against what the same model finds in the original. All see the
 * reference at full resolution, where its headers place it. On cases without a tumour: what is found in the
 * original image.
 *
 * A case that cannot be evaluated is told in `failed`; where none can be, its error is thrown. Throws `usage`,
 * `model-not-found`, `bad-model`, `not-found`, `output-exists` before anything is evaluated.
 */
export const evaluateSegmentationOperation: Handler<'evaluateSegmentation'> = async (request, job) => {
  const models = await segmentationModelsOf(request);
  const { enhancers, warnings } = await enhancersOf(request);
  if (request.cases.length + request.withoutTumour.length === 0) {
    throw new TandemError('usage', 'Name a case, or a folder of cases');
  }
  const { cases } =
    request.cases.length === 0 ? { cases: [] } : await findCases(request.cases, request.target);
  if (request.out !== undefined) await checkOutputFolder(request.out);
  if (request.ontoCards) for (const { path } of models) await checkCardWritable(path);
  const device = await chooseDevice(request.device);
  const evaluated: OfCase[] = [];
  const perSlice: string[] = [];
  const clean: EvaluateSegmentationResult['withoutTumour']['cases'] = [];
  const failed: Failed = [];
  let firstError: unknown;
  const tryCase = async (name: string, path: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (ENDS_ALL.has(code)) throw error;
      firstError ??= error;
      failed.push({ case: name, path, code, message });
    }
  };
  for (const { name, path } of cases) {
    await tryCase(name, path, async () => {
      const names = { target: request.target, mask: request.mask, reference: request.reference ?? undefined };
      const one = await loadSegmentedCase(path, names);
      const found = await evaluateCase(one, models, enhancers, request.scales, device, naming(job, name));
      const trainedOn = trainedOnBy(path, one.hashes, models, enhancers);
      const truthMl = countMarked(one.truth!) * voxelMlOf(one.target);
      const slices = one.target.slices.length;
      evaluated.push({ case: name, path, slices, truthMl, trainedOn, images: found.images });
      perSlice.push(...found.rows.map((row) => `${csv(name)},${row}`));
    });
  }
  for (const { path: said, first } of request.withoutTumour) {
    const path = resolve(said);
    const name = first === undefined ? basename(path) : `${basename(path)}-${first}`;
    await tryCase(name, path, async () => {
      const names = {
        target: first ?? request.target,
        mask: null,
        reference: request.reference ?? undefined,
      };
      const one = await loadSegmentedCase(path, names);
      const found = [];
      for (const model of models) {
        const { parts } = await segmented(
          model,
          one.target,
          one,
          device,
          naming(job, `${name}, ${model.id}`),
        );
        found.push({ model: model.id, ml: parts.reduce((sum, { ml }) => sum + ml, 0), parts: parts.length });
      }
      clean.push({ case: name, path, trainedOn: trainedOnBy(path, one.hashes, models, []), found });
    });
  }
  if (evaluated.length + clean.length === 0) throw firstError;
  const result: EvaluateSegmentationResult = {
    target: request.target,
    reference: request.reference,
    mask: request.mask,
    models: models.map(({ id, path, card }) => ({ id, path, weightsSha256: card.weights.sha256 })),
    enhancers: enhancers.map(({ id, card, weightsSha256 }) => ({ id, scale: card.scale, weightsSha256 })),
    cases: evaluated,
    summary: summarise(evaluated),
    withoutTumour: { cases: clean, summary: summariseFalse(clean) },
    failed,
    warnings,
    notice: SEGMENTATION_NOTICE,
    out: request.out === undefined ? null : resolve(request.out),
  };
  if (result.out !== null) await writeReport(result.out, result, perSlice, job);
  if (request.ontoCards) await ontoCards(models, result);
  return result;
};

/** Throws `usage` where two models have one id: their numbers could not be told apart. */
async function segmentationModelsOf({ models }: Asked): Promise<SegmentationPackage[]> {
  const found: SegmentationPackage[] = [];
  for (const named of models) {
    const model = await loadSegmentationPackage(named);
    if (found.some(({ path }) => path === model.path)) continue;
    if (found.some(({ id }) => id === model.id)) {
      throw new TandemError('usage', `Two segmentation models are called ${model.id}`, {
        path: model.path,
        hint: 'Evaluate them one at a time.',
      });
    }
    found.push(model);
  }
  return found;
}

async function enhancersOf(
  request: Asked,
): Promise<{ readonly enhancers: readonly ModelPackage[]; readonly warnings: string[] }> {
  const { target, scales } = request;
  const reference = request.reference ?? undefined;
  const enhancers: ModelPackage[] = [];
  const warnings: string[] = [];
  if (request.cases.length === 0) return { enhancers, warnings };
  if (request.enhancers === 'all') {
    for (const scale of scales) {
      const found = await chooseModels({ models: 'all', target, reference, scale });
      enhancers.push(...found.models);
      warnings.push(...found.warnings);
    }
    return { enhancers, warnings };
  }
  for (const named of request.enhancers) {
    const model = await loadModelPackage(named);
    if (!scales.includes(model.card.scale)) {
      throw new TandemError(
        'usage',
        `The model ${model.id} enhances ×${model.card.scale}, which is not asked for`,
        {
          hint: `Ask for --scales ${model.card.scale}, or name another model.`,
        },
      );
    }
    if (networkNamed(model.card.network).usesReference && reference === undefined) {
      throw new TandemError('no-reference', `The model ${model.id} needs a reference`, {
        hint: 'Name its contrast with --reference.',
      });
    }
    if (enhancers.some(({ id }) => id === model.id)) {
      throw new TandemError('usage', `Two models are called ${model.id}`, { path: model.path });
    }
    enhancers.push(model);
  }
  return { enhancers, warnings };
}

async function evaluateCase(
  one: SegmentedCase,
  models: readonly SegmentationPackage[],
  enhancers: readonly ModelPackage[],
  scales: Asked['scales'],
  device: ChosenDevice,
  job: JobContext,
): Promise<{ readonly images: EvaluatedImage[]; readonly rows: string[] }> {
  const truth = one.truth!;
  const images: EvaluatedImage[] = [];
  const rows: string[] = [];
  /** What each model found in the original. */
  const originals = new Map<string, readonly Uint8Array[]>();
  for await (const { image, scale, stack } of imagesOf(one, enhancers, scales, device, job)) {
    for (const model of models) {
      const found = await segmented(model, stack, one, device, naming(job, `${image}, ${model.id}`));
      if (image === 'original') originals.set(model.id, found.labels);
      images.push({
        model: model.id,
        image,
        scale,
        ml: found.parts.reduce((sum, { ml }) => sum + ml, 0),
        parts: found.parts.length,
        truth: overlapOf(found.labels, truth, one.target),
        original: overlapOf(found.labels, originals.get(model.id)!, one.target),
      });
      for (const [n, dice] of diceOfSlices(maskOf(found.labels), truth).entries()) {
        if (dice !== null) rows.push([csv(model.id), csv(image), n + 1, dice.toPrecision(6)].join(','));
      }
    }
  }
  // By model, then by image: as the tables are read.
  const order = models.map(({ id }) => id);
  images.sort((a, b) => order.indexOf(a.model) - order.indexOf(b.model));
  return { images, rows };
}

/** The original, then at each scale the zero-filled and the enhanced images, one at a time. */
async function* imagesOf(
  { target, reference }: SegmentedCase,
  enhancers: readonly ModelPackage[],
  scales: Asked['scales'],
  device: ChosenDevice,
  job: JobContext,
): AsyncGenerator<Image> {
  yield { image: 'original', scale: null, stack: target };
  for (const scale of [...new Set(scales)].sort()) {
    const degraded = degradeStack(target, scale);
    yield { image: `zero-filled x${scale}`, scale, stack: zeroFillStack(degraded, scale) };
    for (const model of enhancers) {
      if (model.card.scale !== scale) continue;
      const placed = reference && { volume: reference, transform: IDENTITY_AFFINE };
      if (placed === undefined && networkNamed(model.card.network).usesReference) {
        throw new TandemError('no-reference', `The case has no reference, which ${model.id} needs`);
      }
      const source = { ...model.card, weights: model.weights };
      const named = naming(job, model.id);
      const { stack } = await enhanceStack(
        { target: degraded, reference: placed, model: source, device },
        named,
      );
      // Slices of a large one lie in a file: they are read once.
      const slices = stack.slices.map((slice) => ({ ...slice, pixels: slice.pixels }));
      yield { image: model.id, scale, stack: { ...stack, slices } };
    }
  }
}

function segmented(
  model: SegmentationPackage,
  stack: SliceStack,
  { reference }: SegmentedCase,
  device: ChosenDevice,
  job: JobContext,
) {
  const others = model.card.spec.contrasts.slice(1).map(({ name, required }, n) => {
    const given = n === 0 ? reference : undefined;
    if (given === undefined && required) {
      throw new TandemError('no-reference', `The model ${model.id} cannot do without ${name.toUpperCase()}`);
    }
    return given === undefined ? null : { volume: given, transform: IDENTITY_AFFINE };
  });
  return segmentSeries(model, stack, others, device, job);
}

/** By the hashes of what was read, and by the patient's name; weights chosen on a patient are not trained on it. */
function trainedOnBy(
  path: string,
  hashes: readonly string[],
  models: readonly SegmentationPackage[],
  enhancers: readonly ModelPackage[],
): string[] {
  const patient = patientOf(basename(path));
  return [...models, ...enhancers].flatMap(({ id, card }) => {
    const cases = card.training?.cases ?? [];
    const same = cases.some(
      (one) =>
        (one.patient ?? patientOf(one.name)) === patient ||
        one.files.some(({ sha256 }) => hashes.includes(sha256)),
    );
    return same ? [id] : [];
  });
}

async function writeReport(
  out: string,
  result: EvaluateSegmentationResult,
  perSlice: readonly string[],
  job: JobContext,
): Promise<void> {
  const tables = segmentationTables(result).map(markdownTable);
  const failed = result.failed.map(({ case: name, code, message }) => `- ${name}: ${code}: ${message}`);
  const text = [
    '# Segmentation of original, interpolated and enhanced images',
    result.notice,
    ...tables,
    ...(failed.length === 0 ? [] : [`## Not evaluated\n${failed.join('\n')}`]),
    ...(result.warnings.length === 0
      ? []
      : [`## Warnings\n${result.warnings.map((said) => `- ${said}`).join('\n')}`]),
  ].join('\n\n');
  await writeFolderAtomically(
    out,
    async (folder) => {
      await writeFile(join(folder, 'results.json'), `${JSON.stringify(result, null, 2)}\n`);
      await writeFile(join(folder, 'results.md'), `${text}\n`);
      await writeFile(
        join(folder, 'slices.csv'),
        `case,network,image,slice,dice\n${perSlice.map((row) => `${row}\n`).join('')}`,
      );
    },
    { signal: job.signal },
  );
}

/** A cell: names of folders may hold anything. */
function csv(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
