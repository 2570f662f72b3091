import { applyOne } from '../graph.ts';
import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';

/**
 * x, computed only after `other`: nothing that depends on it can be done earlier, nor be merged with the
 * same computation done before. As ONNX it is x plus an element of `other` clipped to [0, 0].
 */
const AFTER: Operator<undefined> = {
  name: 'after',
  infer: ([x]) => [x!],
  onnx: (emit, [x, other], _attributes, { inputs }) => {
    const rank = inputs[1]!.shape.length;
    const [flat] = rank === 0 ? emit.node('Reshape', [other!, emit.int64([1])]) : [other!];
    const axes = Array.from({ length: Math.max(rank, 1) }, (_, axis) => axis);
    const [one] = emit.node('Slice', [
      flat!,
      emit.int64(axes.map(() => 0)),
      emit.int64(axes.map(() => 1)),
      emit.int64(axes),
    ]);
    const [number] = emit.node('Reshape', [one!, emit.int64([], [0])]);
    const [zero] = emit.node('Clip', [number!, emit.scalar(0), emit.scalar(0)]);
    return emit.node('Add', [x!, zero!]);
  },
  gradient: ({ outputGradients: [dy] }) => (dy === undefined ? [] : [dy]),
  reference: ([x]) => [x!],
};

/** x, not computed before `other`. */
export function after(x: Tensor, other: Tensor): Tensor {
  return applyOne(AFTER, [x, other], undefined);
}
