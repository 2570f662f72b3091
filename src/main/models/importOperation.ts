import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import { type Parameter, parameterCount } from '../../core/graph/index.ts';
import type { NamedTensor } from '../../core/graph/safetensors.ts';
import { formatShape, sameShape } from '../../core/graph/shape.ts';
import { networkGraph, networkNamed } from '../../core/networks/index.ts';
import type { Handler } from '../host/handler.ts';
import { readBounded } from './boundedFile.ts';
import { INTENDED_USE, MODEL_FILE, MODEL_FORMAT_VERSION, packageId } from './card.ts';
import { modelEvidence } from './modelEvidence.ts';
import { networkChoice } from './modelSource.ts';
import { readWeightsFile, type WeightsFile } from './weightsFile.ts';
import { writeModelPackage } from './writeModelPackage.ts';

const LARGEST_WEIGHTS = 2 ** 31;
const PROBE = { batch: 1, rows: 32, columns: 32 };

/**
 * Makes a model package of weights that were trained elsewhere: a safetensors file, or an ONNX export, whose
 * tensors have the names and shapes of the network's parameters. What does not fit is listed by name, all of it.
 */
export const importOperation: Handler<'modelsImport'> = async (request, job) => {
  const choice = networkChoice(request.network, request.options, request.scale);
  const out = resolve(request.out);
  const id = packageId(request.id, out);
  await refuseExisting(out);

  const bytes = await readBounded(request.weights, LARGEST_WEIGHTS);
  if (bytes === undefined) {
    throw new TandemError('not-found', 'There is no such file', { path: request.weights });
  }
  const file = readWeightsFile(bytes, request.weights);
  const { parameters } = networkGraph(choice.network, choice.options, choice.scale, PROBE);
  const weights = matchWeights(parameters, file, choice.network, request.weights);
  const guided = networkNamed(choice.network).usesReference;
  const card = await writeModelPackage(
    out,
    {
      format: 'tandem-model',
      formatVersion: MODEL_FORMAT_VERSION,
      id,
      version: request.version,
      ...choice,
      contrasts: { target: request.target, reference: guided ? request.reference : null },
      envelope: null,
      training: null,
      imported: {
        file: basename(request.weights),
        sha256: createHash('sha256').update(bytes).digest('hex'),
        bytes: bytes.byteLength,
      },
      measured: [],
      intendedUse: INTENDED_USE,
      licence: { weights: request.licence, notices: request.notices },
    },
    weights,
  );
  job.evidence?.(modelEvidence(card));
  return { model: id, path: out, network: choice.network, parameters: parameterCount(parameters) };
};

async function refuseExisting(out: string): Promise<void> {
  const found = await access(join(out, MODEL_FILE)).then(
    () => true,
    () => false,
  );
  if (found) {
    throw new TandemError('output-exists', 'There is a model package in this folder', {
      path: out,
      hint: 'Name another folder.',
    });
  }
}

/** The tensors of the parameters; throws `bad-model` with every one that is missing, misshapen, extra or not finite. */
function matchWeights(
  parameters: readonly Parameter[],
  { format, tensors, otherTypes }: WeightsFile,
  network: string,
  path: string,
): Map<string, NamedTensor> {
  const weights = new Map<string, NamedTensor>();
  const wrong = {
    missing: [] as string[],
    misshapen: [] as string[],
    'not finite': [] as string[],
    extra: [] as string[],
  };
  const known = new Set(parameters.map((parameter) => parameter.path));
  // The constants of a computation are stored in a model too, under names that no parameter has.
  const leaves = new Set([...known].map(leafOf));
  for (const { path: name, tensor } of parameters) {
    const found = tensors.get(name);
    const otherType = otherTypes.get(name);
    if (otherType !== undefined) wrong.misshapen.push(`${name} is ${otherType}, not floating point`);
    else if (found === undefined) wrong.missing.push(`${name} ${formatShape(tensor.shape)}`);
    else if (!sameShape(found.shape, tensor.shape)) {
      wrong.misshapen.push(`${name} is ${formatShape(found.shape)}, not ${formatShape(tensor.shape)}`);
    } else if (!found.data.every(Number.isFinite)) wrong['not finite'].push(name);
    else weights.set(name, found);
  }
  for (const name of tensors.keys()) {
    if (!known.has(name) && (format === 'safetensors' || leaves.has(leafOf(name)))) wrong.extra.push(name);
  }
  const problems = Object.entries(wrong).filter(([, names]) => names.length > 0);
  if (problems.length === 0) return weights;
  throw new TandemError(
    'bad-model',
    `The weights are not those of ${network} with these options: ${problems
      .map(([what, names]) => `${what}: ${names.join(', ')}`)
      .join('; ')}`,
    { path, hint: 'Check the network and its options; see: tandem models describe' },
  );
}

/** `lr.0.deform.weight` → `weight`. */
function leafOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
