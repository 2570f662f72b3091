import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Graph, initialValues, toOnnx } from '../../../src/core/graph/index.ts';
import type { NamedTensor } from '../../../src/core/graph/safetensors.ts';
import { convLayer } from '../../../src/core/networks/blocks/conv.ts';
import { segmentationGraph } from '../../../src/core/networks/segmentation/index.ts';
import { type SegmentationSpecInput, segmentationSpec } from '../../../src/core/segmentation/modelSpec.ts';
import {
  type SegmentationDraft,
  writeSegmentationPackage,
} from '../../../src/main/segmentation/packages/writePackage.ts';

export const SIZE = 64;

export const SPEC = {
  contrasts: [
    { name: 'flair', required: true },
    { name: 't1', required: false },
  ],
  canvas: { size: SIZE, pixelMm: 4 },
  normalisation: { kind: 'robust', range: [-4, 6] },
  output: 'sigmoid',
  channels: 1,
  labels: [{ value: 1, channel: 0, name: 'Whole tumour', meaning: 'neoplasm' }],
  keep: { leastMl: 0, mostParts: null },
} satisfies SegmentationSpecInput;

export const draft = (id: string, spec: Partial<SegmentationSpecInput> = {}): SegmentationDraft => ({
  format: 'tandem-segmentation-model',
  formatVersion: 1,
  id,
  version: '1.2.3',
  spec: segmentationSpec.parse({ ...SPEC, ...spec }),
  envelope: { first: ['flair'], spacingMm: [0.5, 1], sliceMm: [1, 6] },
  training: null,
  measured: [],
  falsePositives: [],
  limits: ['Everything'],
  intendedUse: 'Tests.',
  licence: { weights: 'none', notices: [] },
});

/** A narrow network from its seeded start. */
export const TINY = { network: 'attention-unet', options: { width: 4, scales: 2 } } as const;

export function tinyWeights(): Map<string, NamedTensor> {
  const { graph } = segmentationGraph(TINY.network, TINY.options, {
    batch: 1,
    contrasts: 2,
    rows: SIZE,
    columns: SIZE,
  });
  const values = initialValues(graph.parameters, 5);
  return new Map(
    graph.parameters.map(({ path, tensor }) => [path, { shape: tensor.shape, data: values.get(path)! }]),
  );
}

/** @param spec what differs from `SPEC` */
export function writeTiny(folder: string, id = 'tiny', spec: Partial<SegmentationSpecInput> = {}) {
  const content = { kind: 'network', ...TINY, weights: tinyWeights(), precision: 'float16' } as const;
  return writeSegmentationPackage(folder, draft(id, spec), content);
}

/** A model from elsewhere that marks what is bright: logits 4 · (first contrast − above), in every channel. */
export function brightModel({ contrasts = 2, channels = 1, size = SIZE, above = 2 } = {}): Uint8Array {
  const graph = new Graph({});
  const images = graph.input('scan', [1, contrasts, size, size]);
  const logits = convLayer(graph, 'bright', images, { channels, kernel: 1 });
  const parameters = new Map([
    [
      'bright.weight',
      Float32Array.from({ length: channels * contrasts }, (_, n) => (n % contrasts === 0 ? 4 : 0)),
    ],
    ['bright.bias', new Float32Array(channels).fill(-4 * above)],
  ]);
  return toOnnx({ name: 'bright', outputs: { mask: logits }, parameters });
}

/** The model and a description of it in a folder. */
export function brightFiles(folder: string, { spec = {}, model = brightModel() } = {}) {
  mkdirSync(folder, { recursive: true });
  const [onnx, description] = [join(folder, 'bright.onnx'), join(folder, 'bright.json')];
  writeFileSync(onnx, model);
  writeFileSync(description, JSON.stringify({ ...SPEC, licence: 'mine', ...spec }));
  return { onnx, description };
}
