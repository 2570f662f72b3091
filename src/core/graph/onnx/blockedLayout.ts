import { elementCount, type Shape, sameShape } from '../shape.ts';
import type { OnnxAttribute, OnnxDomain, OnnxNode } from './emitter.ts';
import { ProtobufWriter } from './protobuf.ts';

/**
 * onnxruntime's own layout of images on the CPU, [N, C / B, H, W, B]: B channels, as many as its vectors hold,
 * beside each other. Convolutions on it gather nothing, and take about two thirds of the time. onnxruntime
 * moves a model with constant weights to it by itself; a training step, whose weights are inputs, it leaves as
 * it is. These are the same kernels, asked for by name: a model that has them runs on onnxruntime alone, and
 * only where its CPU kernels have blocks of that size (see `blockedLayoutProbe`).
 */
const DOMAIN = 'com.microsoft.nchwc';

/** Adds a node that has one output, and returns its name; `output` gives it one. */
type Emit = (
  opType: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>>,
  domain: OnnxDomain,
  output?: string,
) => string;

export interface BlockedEmitter {
  readonly emit: Emit;
  readonly int64: (values: readonly number[]) => string;
  /** A name that no node has yet. */
  readonly newName: () => string;
  /** Of a tensor of the graph; undefined for what lies within an operator. */
  readonly shapeOf: (name: string) => Shape | undefined;
}

export interface BlockedConvolution {
  readonly x: string;
  readonly w: string;
  readonly bias?: string | undefined;
  /** Of w [O, C, P, Q] and of the result [N, O, I, J]. */
  readonly kernel: Shape;
  readonly output: Shape;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A tensor that was computed in blocks. */
interface BlockedTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Writes it as every other operator wants it, under the name that it has in the graph. */
  readonly write: () => void;
}

/** Operators that treat every element alike. */
const UNARY = new Set([
  'Relu',
  'LeakyRelu',
  'Sigmoid',
  'Tanh',
  'Exp',
  'Sqrt',
  'Abs',
  'Neg',
  'Sign',
  'Erf',
  'Cast',
]);
const BINARY = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Greater',
  'Less',
  'Equal',
  'GreaterOrEqual',
  'LessOrEqual',
]);
const COMPARISONS = new Set(['Greater', 'Less', 'Equal', 'GreaterOrEqual', 'LessOrEqual']);

/**
 * Keeps tensors in blocks while they go from convolution to convolution, through what is done element by
 * element, and writes them in the common layout, [N, C, H, W], only when a node asks for them.
 */
export class BlockedLayout {
  readonly #size: number;
  readonly #to: BlockedEmitter;
  readonly #computed = new Map<string, BlockedTensor>();
  /** Common names of blocked tensors that were written. */
  readonly #written = new Set<string>();
  /** Blocked copies of tensors that were computed in the common layout. */
  readonly #converted = new Map<string, string>();

  constructor(size: number, to: BlockedEmitter) {
    this.#size = size;
    this.#to = to;
  }

  /**
   * Whether a convolution with this kernel [O, C / groups, P, Q] is faster in blocks: its channels fill them,
   * all of its input are seen by each of its output (or one by one, depthwise), and it has more than one tap.
   */
  fits([outChannels, perGroup, rows, columns]: Shape, groups: number): boolean {
    const whole = (channels: number) => channels % this.#size === 0;
    const dense = groups === 1 && whole(perGroup!);
    const depthwise = groups === outChannels && perGroup === 1;
    return whole(outChannels!) && (dense || depthwise) && rows! * columns! > 1;
  }

  convolution({ x, w, bias, kernel, output, attributes }: BlockedConvolution): string {
    const inputs = [this.#blocked(x, this.#to.shapeOf(x)), this.#blockedKernel(w, kernel)];
    if (bias !== undefined) inputs.push(bias);
    const size = { kernel_shape: { ints: kernel.slice(2) } };
    return this.#add('Conv', inputs, { ...attributes, ...size }, DOMAIN, output, true);
  }

  /** The node on blocked operands, where that can be: the name of its result. */
  take(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
  ): string | undefined {
    const first = this.#computed.get(inputs[0] ?? '');
    if (opType === 'Transpose' && first !== undefined && !this.#written.has(inputs[0]!)) {
      const order = 'ints' in attributes.perm! ? attributes.perm.ints.join() : '';
      return order === '0,2,3,1' ? this.#reorder(first, undefined, true) : undefined;
    }
    if (inputs.length === 1 && UNARY.has(opType) && first !== undefined) {
      return this.#elementwise(opType, inputs, attributes, first.shape);
    }
    if (inputs.length !== 2 || !BINARY.has(opType)) return undefined;
    const shape = first?.shape ?? this.#computed.get(inputs[1]!)?.shape;
    if (shape === undefined) return undefined;
    const alike = inputs.every((name) => {
      const other = this.#computed.get(name)?.shape ?? this.#to.shapeOf(name);
      return other !== undefined && (other.length === 0 || sameShape(other, shape));
    });
    return alike ? this.#elementwise(opType, inputs, attributes, shape) : undefined;
  }

  /** Sees to it that `name` is there in the common layout. */
  write(name: string): void {
    const tensor = this.#computed.get(name);
    if (tensor === undefined || this.#written.has(name)) return;
    this.#written.add(name);
    tensor.write();
  }

  #elementwise(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    shape: Shape,
  ): string {
    const operands = inputs.map((name) => {
      const scalar = !this.#computed.has(name) && this.#to.shapeOf(name)?.length === 0;
      return scalar ? name : this.#blocked(name, shape);
    });
    if (!COMPARISONS.has(opType)) return this.#add(opType, operands, attributes, '', shape, true);
    // Bool tensors cannot be reordered; the comparison is made again.
    const again = (output: string) => {
      for (const name of inputs) this.write(name);
      this.#to.emit(opType, inputs, attributes, '', output);
    };
    return this.#add(opType, operands, attributes, '', shape, again);
  }

  #add(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    domain: OnnxDomain,
    shape: Shape,
    write: true | ((output: string) => void),
  ): string {
    const common = this.#to.newName();
    const tensor: BlockedTensor = {
      name: this.#to.emit(opType, inputs, attributes, domain),
      shape,
      write: () => (write === true ? this.#reorder(tensor, common, false) : write(common)),
    };
    this.#computed.set(common, tensor);
    return common;
  }

  #blocked(name: string, shape: Shape | undefined): string {
    const known = this.#computed.get(name)?.name ?? this.#converted.get(name);
    if (known !== undefined) return known;
    const blocked = this.#to.emit('ReorderInput', [name], {}, DOMAIN);
    if (shape !== undefined) this.#converted.set(name, blocked);
    return blocked;
  }

  #reorder({ name, shape }: BlockedTensor, output: string | undefined, channelsLast: boolean): string {
    const attributes = { channels: { int: shape[1]! }, channels_last: { int: channelsLast ? 1 : 0 } };
    return this.#to.emit('ReorderOutput', [name], attributes, DOMAIN, output);
  }

  /** w [O, C, P, Q] as [O / B, C / B, P, Q, B channels in, B channels out]; depthwise as [O / B, P, Q, B]. */
  #blockedKernel(w: string, kernel: Shape): string {
    const [outChannels, channels, rows, columns] = kernel as [number, number, number, number];
    const size = this.#size;
    const { emit, int64 } = this.#to;
    const within = Math.min(size, channels);
    const apart = int64([outChannels / size, size, channels / within, within, rows * columns]);
    const split = emit('Reshape', [w, apart], {}, '');
    const together = emit('Transpose', [split], { perm: { ints: [0, 2, 4, 3, 1] } }, '');
    return emit('Reshape', [together, int64(kernel)], {}, '');
  }
}

/** Joins a blocked convolution and the ReLU that alone asks for its result, as onnxruntime does with others. */
export function fuseBlockedRelu(nodes: readonly OnnxNode[], outputs: ReadonlySet<string>): OnnxNode[] {
  const uses = new Map<string, number>();
  for (const node of nodes) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  const convolutions = new Map<string, number>();
  const fused: (OnnxNode | undefined)[] = [...nodes];
  nodes.forEach((node, index) => {
    if (node.domain === DOMAIN && node.opType === 'Conv') convolutions.set(node.outputs[0]!, index);
    const source = node.opType === 'Relu' ? convolutions.get(node.inputs[0]!) : undefined;
    if (source === undefined || uses.get(node.inputs[0]!) !== 1 || outputs.has(node.inputs[0]!)) return;
    const convolution = nodes[source]!;
    const attributes = { ...convolution.attributes, activation: { string: 'Relu' } };
    fused[source] = { ...convolution, outputs: node.outputs, attributes };
    fused[index] = undefined;
  });
  return fused.filter((node) => node !== undefined);
}

/** Names of the input and the output of the probe, and their shape. */
export const BLOCKED_PROBE = { input: 'x', output: 'y', shape: [1, 16, 1, 2] } as const;

/**
 * A model that tells whether an engine has the blocked layout, and how large its blocks are: it reorders 16
 * channels of two pixels. An engine without it refuses the model.
 */
export function blockedLayoutProbe(): Uint8Array {
  const writer = new ProtobufWriter().int(1, 10);
  const value = (message: ProtobufWriter, name: string) =>
    message.string(1, name).message(2, (type) =>
      type.message(1, (tensor) =>
        tensor.int(1, 1).message(2, (shape) => {
          for (const size of BLOCKED_PROBE.shape) shape.message(1, (dimension) => dimension.int(1, size));
        }),
      ),
    );
  writer.message(7, (graph) => {
    graph.message(1, (node) =>
      node
        .string(1, BLOCKED_PROBE.input)
        .string(2, BLOCKED_PROBE.output)
        .string(4, 'ReorderInput')
        .string(7, DOMAIN),
    );
    graph.string(2, 'probe');
    graph.message(11, (message) => value(message, BLOCKED_PROBE.input));
    graph.message(12, (message) => value(message, BLOCKED_PROBE.output));
  });
  writer.message(8, (opset) => opset.string(1, '').int(2, 21));
  writer.message(8, (opset) => opset.string(1, DOMAIN).int(2, 1));
  return writer.finish();
}

/** The size of the blocks from what the probe makes of 0, 1, 2, …; undefined where it is no such layout. */
export function blockSizeOf(reordered: ArrayLike<number>): number | undefined {
  const [, channels, , pixels] = BLOCKED_PROBE.shape;
  const found = [8, 16].find((size) =>
    Array.from({ length: elementCount(BLOCKED_PROBE.shape) }, (_, n) => {
      const block = Math.floor(n / (size * pixels));
      const pixel = Math.floor(n / size) % pixels;
      return reordered[n] === (block * size + (n % size)) * pixels + pixel;
    }).every(Boolean),
  );
  return reordered.length === channels * pixels ? found : undefined;
}
