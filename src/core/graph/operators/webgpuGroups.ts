import type { OnnxAttribute, OnnxEmitter } from '../onnx/emitter.ts';
import { elementCount, type Shape } from '../shape.ts';

/**
 * onnxruntime 1.30's WebGPU kernels read wrong values of grouped convolutions where four (or two) channels
 * that they compute at once belong to several groups. There every group gets channels of zeros, which are cut
 * from the result.
 */

/** How many channels out a group of Conv needs: any number below four, or a multiple of it. */
export function safeConvChannels(perGroup: number, groups: number): number {
  return groups === 1 || perGroup < 4 ? perGroup : Math.ceil(perGroup / 4) * 4;
}

/** How many channels out a group of ConvTranspose needs, where it has `channelsIn`. */
export function safeTransposedChannels(perGroup: number, channelsIn: number, groups: number): number {
  return groups > 1 && perGroup === 1 && channelsIn > 1 ? 2 : perGroup;
}

/** Conv or ConvTranspose of `inputs` (x, kernel, bias) with `widened` channels out a group, of which `perGroup` are kept. */
export function emitWidened(
  emit: OnnxEmitter,
  opType: 'Conv' | 'ConvTranspose',
  inputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>>,
  shapes: { readonly kernel: Shape; readonly output: Shape },
  channels: { readonly groups: number; readonly perGroup: number; readonly widened: number },
): readonly string[] {
  const { groups, perGroup, widened } = channels;
  const [x, w, bias] = inputs as [string, string, string | undefined];
  const widen = (name: string, apart: Shape, joined: Shape) => {
    const [grouped] = emit.node('Reshape', [name, emit.int64(apart)]);
    const after = [0, widened - perGroup, 0];
    const [padded] = emit.node('Pad', [grouped!, emit.int64([0, 0, 0, ...after])]);
    return emit.node('Reshape', [padded!, emit.int64(joined)])[0]!;
  };
  // Conv has its channels out on the first axis, group by group; ConvTranspose on the second.
  const outer = opType === 'Conv' ? groups : shapes.kernel[0]!;
  const rest = shapes.kernel.slice(2);
  const inner = elementCount(opType === 'Conv' ? shapes.kernel.slice(1) : rest);
  const kernel = widen(
    w,
    [outer, perGroup, inner],
    opType === 'Conv' ? [groups * widened, ...shapes.kernel.slice(1)] : [outer, widened, ...rest],
  );
  const wide = bias === undefined ? [] : [widen(bias, [groups, perGroup, 1], [groups * widened])];
  const [y] = emit.node(opType, [x, kernel, ...wide], attributes);
  const [images, , rows, columns] = shapes.output as [number, number, number, number];
  const [apart] = emit.node('Reshape', [y!, emit.int64([images, groups, widened, rows * columns])]);
  const [kept] = emit.node('Slice', [apart!, emit.int64([0]), emit.int64([perGroup]), emit.int64([2])]);
  return emit.node('Reshape', [kept!, emit.int64(shapes.output)]);
}
