import { basename, join, resolve } from 'node:path';
import { segmentationDescription } from '../../core/contract/segmentationDescription.ts';
import { TandemError } from '../../core/errors.ts';
import { sha256 } from '../audit/entry.ts';
import { checkOutputFolder } from '../export/atomic.ts';
import { jsonFile } from '../export/companionInputs.ts';
import type { Handler } from '../host/handler.ts';
import { dataSubfolder } from '../library/folder.ts';
import { readBounded } from '../models/boundedFile.ts';
import { packageId } from '../models/card.ts';
import { requireMeanings } from './meanings.ts';
import { SEGMENTATION_FORMAT, SEGMENTATION_FORMAT_VERSION, SEGMENTATION_USE } from './packages/card.ts';
import { checkedOnnx } from './packages/checkOnnxModel.ts';
import { segmentationIds } from './packages/folders.ts';
import { LARGEST_SEGMENTATION_MODEL } from './packages/loadPackage.ts';
import { writeSegmentationPackage } from './packages/writePackage.ts';
import { tryModel } from './run/tryModel.ts';

/**
 * Makes a segmentation package of an ONNX model from elsewhere and a description of it. The model is read and held
 * against the description before it is run, then run twice on noise and once on air: what it answers must be of
 * the described size, finite, within [0, 1] where it says probabilities, and the same both times.
 *
 * @throws TandemError `bad-model` (what differs), `bad-header` (the description), `not-found`, `output-exists`
 */
export const segmentationImportOperation: Handler<'segmentationImport'> = async (request, job) => {
  const description = await jsonFile(request.description, segmentationDescription);
  const { id: ownId, version, licence, notices, limits, ...spec } = description;
  requireMeanings(spec.labels);
  const id = packageId(request.id ?? ownId, request.out ?? '.');
  const out = resolve(request.out ?? join(dataSubfolder('segmentation-models'), id));
  if (request.out === undefined && (await segmentationIds()).includes(id)) {
    throw new TandemError('output-exists', `There is another segmentation model called ${id}`, {
      path: out,
      hint: 'Name another id with --id.',
    });
  }
  await checkOutputFolder(out);
  const bytes = await readBounded(request.onnx, LARGEST_SEGMENTATION_MODEL);
  if (bytes === undefined)
    throw new TandemError('not-found', 'There is no such file', { path: request.onnx });
  const { producer, ...found } = checkedOnnx(bytes, spec, { path: request.onnx });
  const { secondsPerImage } = await tryModel(bytes, spec, found.input, request.onnx, job);
  const card = await writeSegmentationPackage(
    out,
    {
      format: SEGMENTATION_FORMAT,
      formatVersion: SEGMENTATION_FORMAT_VERSION,
      id,
      version,
      spec,
      envelope: null,
      training: null,
      measured: [],
      falsePositives: [],
      limits,
      intendedUse: SEGMENTATION_USE,
      licence: { weights: licence, notices },
    },
    {
      kind: 'onnx',
      bytes,
      source: { kind: 'onnx', ...found, imported: { file: basename(request.onnx), producer } },
    },
  );
  job.evidence?.({
    model: { id, version, weightsSha256: card.weights.sha256 },
    outputs: { package: sha256(JSON.stringify(card)) },
  });
  return {
    model: id,
    path: out,
    opset: found.opset,
    bytes: bytes.byteLength,
    weightsSha256: card.weights.sha256,
    secondsPerImage,
    warnings: [
      {
        code: 'model-not-accepted',
        message: 'What this model makes is marked CANDIDATE: nothing is known of what it does to patients.',
      },
    ],
  };
};
