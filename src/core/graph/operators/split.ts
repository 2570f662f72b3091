import { at, fromFunction } from '../ndarray.ts';
import type { Operator } from '../operator.ts';
import { float32, formatShape, normalizeAxis, ShapeError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './axis.ts';
import { concat } from './concat.ts';
import { expand } from './reduce.ts';
import { reshape } from './shapes.ts';

interface Splitting {
  readonly axis: number;
  readonly sizes: readonly number[];
}

/** A shader of WebGPU sees eight buffers where a device has no more than it must, one of them the whole. */
const MOST_WEBGPU_PARTS = 7;

/** One output a part. Its gradient is one concatenation, where that of slices pads and adds each of them. */
const SPLIT: Operator<Splitting> = {
  name: 'split',
  infer: ([x], { axis, sizes }) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x!.shape[axis])
      throw new ShapeError(`parts ${formatShape(sizes)} do not fill axis ${axis}`);
    return sizes.map((size) => float32([...x!.shape].with(axis, size)));
  },
  onnx: (emit, [x], { axis, sizes }) => {
    if (emit.device !== 'webgpu' || sizes.length <= MOST_WEBGPU_PARTS) {
      return emit.node('Split', [x!, emit.int64(sizes)], { axis: { int: axis } }, sizes.length);
    }
    let end = 0;
    return sizes.map((size) => {
      end += size;
      return emit.node('Slice', [x!, emit.int64([end - size]), emit.int64([end]), emit.int64([axis])])[0]!;
    });
  },
  gradient: ({ outputs, attributes: { axis }, outputGradients }) => {
    const parts = outputs.map(
      (output, n) => outputGradients[n] ?? expand(output.graph.constant(0), output.shape),
    );
    return [concat(parts as [Tensor, ...Tensor[]], axis)];
  },
  reference: ([x], { axis, sizes }) => {
    let offset = 0;
    return sizes.map((size) => {
      const start = offset;
      offset += size;
      return fromFunction([...x!.shape].with(axis, size), (index) =>
        at(x!, [...index].with(axis, start + index[axis]!)),
      );
    });
  },
};

/** x cut along an axis into parts of these sizes (torch.split); they fill the axis. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  const along = axisOf('split', x, axis);
  return sizes.length === 1 && sizes[0] === x.shape[along]
    ? [x]
    : x.graph.apply(SPLIT, [x], { axis: along, sizes });
}

/** x cut along an axis into `parts` equal parts (torch.chunk). Throws `bad-model` where they are not equal. */
export function chunk(x: Tensor, parts: number, axis: number): readonly Tensor[] {
  const size = x.shape[axisOf('chunk', x, axis)]! / parts;
  x.graph.checked('chunk', [x], () => {
    if (!Number.isSafeInteger(size)) throw new ShapeError(`axis ${axis} has no ${parts} equal parts`);
  });
  return split(x, new Array<number>(parts).fill(size), axis);
}

/** Tensors of one shape beside each other along a new axis (torch.stack). */
export function stack(tensors: readonly [Tensor, ...Tensor[]], axis: number): Tensor {
  const { shape } = tensors[0];
  const along = tensors[0].graph.checked('stack', tensors, () => normalizeAxis(axis, shape.length + 1));
  const apart = tensors.map((tensor) => reshape(tensor, [...tensor.shape].toSpliced(along, 0, 1)));
  return concat(apart as [Tensor, ...Tensor[]], along);
}
