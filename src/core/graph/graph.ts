import { TandemError } from '../errors.ts';
import type { Operator } from './operator.ts';
import type { Initializer } from './parameters.ts';
import {
  elementCount,
  float32,
  formatShape,
  type Shape,
  ShapeError,
  sameShape,
  type TensorType,
} from './shape.ts';
import type { GraphNode, Tensor, TensorOrigin } from './tensor.ts';

export interface Parameter {
  readonly path: string;
  readonly tensor: Tensor;
  readonly initializer: Initializer;
  /** Whether the optimiser changes it. What it does not (running statistics) has weights in files all the same. */
  readonly trained: boolean;
}

export interface GraphOptions {
  readonly training?: boolean | undefined;
  /** What a training step does not keep for its way back: see `Graph.block`. */
  readonly recompute?: RecomputePolicy | undefined;
  /** Parameters, by path, that are fixed in training although they are trained elsewhere; none where absent. */
  readonly frozen?: ((path: string) => boolean) | undefined;
}

/** Nothing is computed again, or what networks mark as their blocks. */
export type RecomputePolicy = 'none' | 'blocks';

/**
 * A graph of typed tensors with static shapes. Networks, losses, gradients and optimisers all add to one;
 * what is exported or evaluated is only what the asked outputs depend on.
 */
export class Graph {
  private readonly scopes: string[] = [];
  private readonly inputsByName = new Map<string, Tensor>();
  private readonly parametersByPath = new Map<string, Parameter>();
  private readonly updatesByPath = new Map<string, Tensor>();
  private readonly recomputedBlocks: symbol[] = [];
  private nextId = 0;
  /** Whether the graph is of a training step: some layers (batch norm) compute otherwise then. */
  readonly training: boolean;
  private readonly recomputesBlocks: boolean;
  private readonly frozen: (path: string) => boolean;

  constructor(options: GraphOptions = {}) {
    this.training = options.training ?? false;
    this.recomputesBlocks = options.recompute === 'blocks';
    this.frozen = options.frozen ?? (() => false);
  }

  /** Everything made by `build` is named below `name`: `lr` / `0` / `weight` → `lr.0.weight`. */
  scope<T>(name: string, build: () => T): T {
    this.scopes.push(name);
    try {
      return build();
    } finally {
      this.scopes.pop();
    }
  }

  /** The scopes that are open, joined by dots. */
  get place(): string {
    return this.scopes.join('.');
  }

  get inputs(): readonly Tensor[] {
    return [...this.inputsByName.values()];
  }

  /** In the order in which the network made them, untrained ones among them. */
  get parameters(): readonly Parameter[] {
    return [...this.parametersByPath.values()];
  }

  /** A float32 tensor fed from outside under `name`, which is unique in the graph. */
  input(name: string, shape: Shape): Tensor {
    checkShape(shape, `input ${name}`);
    if (this.inputsByName.has(name)) throw new TandemError('bad-model', `Input ${name} is made twice`);
    const tensor = this.tensor(float32(shape), { kind: 'input', name });
    this.inputsByName.set(name, tensor);
    return tensor;
  }

  /** A trained float32 tensor, named by the open scopes and `name`; its path is unique in the graph. */
  parameter(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.addParameter(name, shape, initializer, true);
  }

  /** A float32 tensor that is stored with the weights but not trained: running statistics. See `update`. */
  buffer(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.addParameter(name, shape, initializer, false);
  }

  /** Whether a tensor is a parameter or buffer that this graph was told to leave as it is. */
  isFrozen({ origin }: Tensor): boolean {
    return origin.kind === 'parameter' && this.frozen(origin.path);
  }

  /** What a buffer is replaced by after a training step. Throws `bad-model` where it is no buffer, or updated twice. */
  update(buffer: Tensor, next: Tensor): void {
    const { origin } = buffer;
    const path = origin.kind === 'parameter' ? origin.path : '';
    const parameter = this.parametersByPath.get(path);
    if (parameter === undefined || parameter.trained || this.updatesByPath.has(path)) {
      throw new TandemError(
        'bad-model',
        `${path || 'A tensor'} cannot be updated: it is no buffer, or was updated before`,
      );
    }
    if (!sameShape(buffer.shape, next.shape)) {
      throw new TandemError(
        'bad-model',
        `${path} has the shape ${formatShape(buffer.shape)}, its update ${formatShape(next.shape)}`,
      );
    }
    this.updatesByPath.set(path, next);
  }

  /** What buffers are replaced by after a training step, by path. */
  get updates(): ReadonlyMap<string, Tensor> {
    return this.updatesByPath;
  }

  /**
   * What `build` makes is not kept for the way back of a training step, but computed again there from what
   * goes into it (Chen, Xu, Zhang, Guestrin, "Training deep nets with sublinear memory cost", 2016): its
   * memory falls to that of its inputs, its forward pass is paid twice. Values and gradients stay the same.
   * A block within a block belongs to the outer one.
   */
  recompute<T>(build: () => T): T {
    this.recomputedBlocks.push(Symbol(this.place));
    try {
      return build();
    } finally {
      this.recomputedBlocks.pop();
    }
  }

  /**
   * A scope that is also a block: where the graph was made with `recompute: 'blocks'`, what `build` makes is
   * computed again on the way back (`recompute`). Networks mark their repeated parts with it, and whoever
   * trains decides; what must always be computed again, whatever is decided, uses `recompute` itself.
   */
  block<T>(name: string, build: () => T): T {
    return this.scope(name, this.recomputesBlocks ? () => this.recompute(build) : build);
  }

  private addParameter(name: string, shape: Shape, initializer: Initializer, trained: boolean): Tensor {
    const path = [...this.scopes, name].join('.');
    checkShape(shape, `parameter ${path}`);
    if (this.parametersByPath.has(path))
      throw new TandemError('bad-model', `Parameter ${path} is made twice`);
    const tensor = this.tensor(float32(shape), { kind: 'parameter', path, initializer });
    this.parametersByPath.set(path, { path, tensor, initializer, trained: trained && !this.frozen(path) });
    return tensor;
  }

  /** A constant: one number (a scalar), or values row by row in `shape`. */
  constant(values: number | ArrayLike<number>, shape: Shape = []): Tensor {
    return this.addConstant(
      typeof values === 'number' ? Float32Array.of(values) : Float32Array.from(values),
      float32(shape),
    );
  }

  /** Constant whole numbers below 2³¹, row by row in `shape`: indices, for operators that take some. */
  integers(values: ArrayLike<number>, shape: Shape = [values.length]): Tensor {
    if (!Array.prototype.every.call(values, (value: number) => (value | 0) === value)) {
      throw new TandemError('bad-model', 'Integers of a graph are whole numbers below 2³¹');
    }
    return this.addConstant(Int32Array.from(values), { dataType: 'int64', shape });
  }

  private addConstant(data: Float32Array | Int32Array, type: TensorType): Tensor {
    const { shape } = type;
    checkShape(shape, 'a constant');
    if (data.length !== elementCount(shape)) {
      throw new TandemError('bad-model', `${data.length} values do not fill the shape ${formatShape(shape)}`);
    }
    return this.tensor(type, { kind: 'constant', data });
  }

  /**
   * Applies an operator. Throws `bad-model`, naming the operator, the shapes and the place, where they do
   * not fit.
   */
  apply<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
    if (inputs.some((input) => input.graph !== this)) {
      throw new TandemError('bad-model', `${operator.name}${this.where} was given a tensor of another graph`);
    }
    const types = this.checked(operator.name, inputs, () => inferTypes(operator, inputs, attributes));
    for (const type of types) checkShape(type.shape, `output of ${operator.name}${this.where}`);
    const outputs: Tensor[] = [];
    const node: GraphNode = {
      operator: operator.name,
      place: this.place,
      inputs,
      outputs,
      multiplyAccumulates: operator.multiplyAccumulates?.(inputs, attributes) ?? 0,
      workspaceBytes: operator.workspaceBytes?.(inputs, attributes) ?? 0,
      differentiable: operator.gradient !== undefined,
      recomputed: this.recomputedBlocks[0],
      onnx: (emit, names) => operator.onnx(emit, names, attributes, { inputs, outputs }),
      gradient: (outputGradients, needed) =>
        operator.gradient?.({ inputs, outputs, attributes, outputGradients, needed }) ?? [],
      reference: (values) => operator.reference(values, attributes),
      again: (others) => this.apply(operator, others, attributes),
    };
    types.forEach((type, index) => {
      outputs.push(this.tensor(type, { kind: 'node', node, index }));
    });
    return outputs;
  }

  /**
   * What `rule` gives; a `ShapeError` that it throws becomes `bad-model` with the name of the operator, the
   * shapes of its inputs and the place. For functions that look at their arguments before they apply operators.
   */
  checked<T>(operator: string, inputs: readonly Tensor[], rule: () => T): T {
    try {
      return rule();
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const shapes = inputs.map((input) => formatShape(input.shape)).join(', ');
      throw new TandemError('bad-model', `${operator}${this.where}, given ${shapes}: ${error.message}`);
    }
  }

  private get where(): string {
    return this.place === '' ? '' : ` at ${this.place}`;
  }

  private tensor(type: TensorType, origin: TensorOrigin): Tensor {
    return { graph: this, id: this.nextId++, dataType: type.dataType, shape: [...type.shape], origin };
  }
}

/** Applies an operator that has one output, in the graph of its first input. */
export function applyOne<A>(
  operator: Operator<A>,
  inputs: readonly [Tensor, ...Tensor[]],
  attributes: A,
): Tensor {
  const output = inputs[0].graph.apply(operator, inputs, attributes)[0];
  if (output === undefined) throw new TandemError('bad-model', `${operator.name} has no output`);
  return output;
}

/** The nodes that `outputs` depend on, each after those that it depends on. */
export function nodesBehind(outputs: readonly Tensor[]): GraphNode[] {
  const found = new Set<GraphNode>();
  const open = [...outputs];
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    if (tensor.origin.kind !== 'node' || found.has(tensor.origin.node)) continue;
    found.add(tensor.origin.node);
    open.push(...tensor.origin.node.inputs);
  }
  // A node is made after its inputs, so the ids of outputs are a topological order.
  return [...found].sort((a, b) => (a.outputs[0]?.id ?? 0) - (b.outputs[0]?.id ?? 0));
}

/** Multiply-accumulate operations needed to compute `outputs` once. */
export function multiplyAccumulates(outputs: readonly Tensor[]): number {
  return nodesBehind(outputs).reduce((sum, node) => sum + node.multiplyAccumulates, 0);
}

function inferTypes<A>(
  operator: Operator<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly TensorType[] {
  const { inputTypes = ['float32'] } = operator;
  inputs.forEach(({ dataType }, n) => {
    const expected = inputTypes[n] ?? inputTypes.at(-1);
    if (dataType !== expected) throw new ShapeError(`input ${n} is ${dataType}, not ${expected}`);
  });
  return operator.infer(inputs, attributes);
}

function checkShape(shape: Shape, what: string): void {
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new TandemError(
      'bad-model',
      `The shape ${formatShape(shape)} of ${what} is not made of sizes above 0`,
    );
  }
}
