import { TandemError } from '../../../core/errors.ts';
import { checkOnnx, type OnnxModel } from '../../../core/graph/onnx/readOnnx.ts';
import type { SegmentationSpec } from '../../../core/segmentation/modelSpec.ts';

/** What is to be known of a model from elsewhere to run it. */
export interface OnnxInterface {
  readonly opset: number;
  readonly input: string;
  readonly output: string;
}

/** Versions of the standard operators that the onnxruntime of this program has and that are still of use. */
const OPSETS = [11, 24] as const;

/**
 * Reads a model from elsewhere and holds it against its description: standard operators or onnxruntime's own, an
 * opset of a known range, weights that are finite, one input of exactly the described shape but for the number of
 * images, and one output of it.
 * Nothing is run.
 *
 * @throws TandemError `bad-model` that says what differs
 */
export function checkedOnnx(
  bytes: Uint8Array,
  spec: SegmentationSpec,
  { path, expected }: { readonly path: string; readonly expected?: OnnxInterface | undefined },
): OnnxInterface & { readonly producer: string } {
  const bad = (message: string, hint?: string): TandemError =>
    new TandemError('bad-model', message, { path, hint });
  const model = checkOnnx(bytes, path);
  const opset = model.opsets.get('') ?? model.opsets.get('ai.onnx');
  if (opset === undefined || opset < OPSETS[0] || opset > OPSETS[1]) {
    throw bad(
      `The model is of opset ${opset ?? 'unknown'}; ${OPSETS[0]} to ${OPSETS[1]} can be run`,
      'Export it again with one of these.',
    );
  }
  const [input] = model.inputs;
  const [output] = model.outputs;
  if (model.inputs.length !== 1 || input === undefined) {
    throw bad(
      `The model has ${model.inputs.length} inputs; one is fed, its contrasts in its channels`,
      'Join them into one input of shape [1, contrasts, size, size].',
    );
  }
  if (model.outputs.length !== 1 || output === undefined) {
    throw bad(`The model has ${model.outputs.length} outputs; one is read`, 'Export the segmentation alone.');
  }
  const { size } = spec.canvas;
  checkShape('input', input, [1, spec.contrasts.length, size, size], bad);
  checkShape('output', output, [1, spec.channels, size, size], bad);
  for (const [name, { data }] of model.tensors) {
    if (!data.every(Number.isFinite)) throw bad(`${name} holds values that are not finite`);
  }
  const found = { opset, input: input.name, output: output.name, producer: model.producer };
  if (
    expected !== undefined &&
    (expected.opset !== opset || expected.input !== input.name || expected.output !== output.name)
  ) {
    throw bad('The model is not the one that its card describes', 'Get the model package again, whole.');
  }
  return found;
}

function checkShape(
  what: 'input' | 'output',
  { name, shape }: OnnxModel['inputs'][number],
  expected: readonly number[],
  bad: (message: string, hint?: string) => TandemError,
): void {
  // One image is given at a time, so that the model may leave their number open, and nothing else.
  const fits = (length: number | string, axis: number) =>
    length === expected[axis] || (axis === 0 && typeof length === 'string');
  if (shape.length === expected.length && shape.every(fits)) return;
  const free = shape.slice(1).some((length) => typeof length !== 'number');
  throw bad(
    `The ${what} ${name} has the shape [${shape.join(', ')}], the description says [${expected.join(', ')}]`,
    free
      ? 'Export it with fixed rows and columns: of torch.onnx.export’s dynamic axes only the first.'
      : 'Check contrasts, canvas and channels of the description.',
  );
}
