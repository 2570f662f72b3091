import { TandemError } from '../../errors.ts';
import { nodesBehind } from '../graph.ts';
import { type DataType, elementCount, type Shape, type TensorType } from '../shape.ts';
import type { GraphNode, Tensor } from '../tensor.ts';
import { BlockedLayout, fuseBlockedRelu } from './blockedLayout.ts';
import type {
  GraphDevice,
  OnnxAttribute,
  OnnxBody,
  OnnxDomain,
  OnnxEmitter,
  OnnxNode,
  OnnxValue,
} from './emitter.ts';
import { ProtobufWriter } from './protobuf.ts';

/** IR version 10 and opset 21 of the standard domain: read by onnxruntime 1.19 and later. */
const ONNX_IR_VERSION = 10;
const ONNX_OPSET = 21;
/** onnxruntime's own operators have one version. */
const MICROSOFT_OPSET = 1;

/** TensorProto.DataType. */
const DATA_TYPES = { float32: 1, int64: 7, bool: 9 } as const satisfies Record<DataType, number>;

export interface OnnxOptions {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Their values, by path, to be written into the model; or `inputs`: fed at every run, named by path. */
  readonly parameters: ReadonlyMap<string, ArrayLike<number>> | 'inputs';
  readonly device?: GraphDevice;
  /**
   * The size of the blocks in which onnxruntime's CPU kernels here hold channels: convolutions whose weights
   * are inputs are then written for its blocked layout (see blockedLayout.ts), and the model is for it alone.
   */
  readonly blockedChannels?: number | undefined;
}

interface OnnxInitializer {
  readonly name: string;
  readonly shape: Shape;
  readonly dataType: DataType;
  readonly bytes: Uint8Array;
}

/**
 * The ONNX model (bytes of a ModelProto) that computes `outputs`. Its inputs are the graph's inputs that
 * the outputs depend on, in the order in which they were made, then, where asked, the parameters.
 */
export function toOnnx(options: OnnxOptions): Uint8Array {
  const builder = new ModelBuilder(options);
  for (const node of nodesBehind(Object.values(options.outputs))) {
    builder.begin(node);
    const names = node.onnx(
      builder,
      node.inputs.map((input) => builder.nameOf(input)),
    );
    node.outputs.forEach((output, index) => {
      const name = names[index];
      if (name === undefined) throw new TandemError('bad-model', `${node.operator} emitted too few outputs`);
      builder.setName(output, name);
    });
  }
  for (const [name, tensor] of Object.entries(options.outputs)) builder.output(name, tensor);
  return builder.encode(options.name);
}

class ModelBuilder implements OnnxEmitter {
  readonly device: GraphDevice;
  private readonly parameters: OnnxOptions['parameters'];
  private readonly names = new Map<Tensor, string>();
  /** Of the graph that is being written: the model's own, or a body. */
  private nodes: OnnxNode[] = [];
  private readonly initializers = new Map<string, OnnxInitializer>();
  private readonly inputs: { readonly name: string; readonly tensor: Tensor }[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly domains = new Set<OnnxDomain>();
  private readonly shapes = new Map<string, Shape>();
  private nextName = 0;
  /** Names given from outside, which none that is made here may have. */
  private readonly taken: ReadonlySet<string>;
  private nodeName = 'outputs';
  readonly blocked: BlockedLayout | undefined;

  constructor({ device = 'cpu', parameters, blockedChannels, outputs }: OnnxOptions) {
    this.device = device;
    this.taken = givenNames(outputs);
    this.parameters = parameters;
    if (blockedChannels === undefined || device !== 'cpu' || parameters !== 'inputs') return;
    const { nodes } = this;
    this.blocked = new BlockedLayout(blockedChannels, {
      emit: (opType, inputs, attributes, domain, output = this.newName()) => {
        this.push(nodes, { opType, inputs, attributes, domain, outputs: [output] });
        return output;
      },
      int64: (values) => this.int64(values),
      newName: () => this.newName(),
      shapeOf: (name) => this.shapes.get(name),
    });
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs = 1,
    domain: OnnxDomain = '',
  ): readonly string[] {
    const taken = outputs === 1 ? this.blocked?.take(opType, inputs, attributes) : undefined;
    if (taken !== undefined) return [taken];
    for (const input of inputs) this.blocked?.write(input);
    const names = Array.from({ length: outputs }, () => this.newName());
    this.push(this.nodes, { opType, domain, inputs, outputs: names, attributes });
    return names;
  }

  private push(nodes: OnnxNode[], node: Omit<OnnxNode, 'name'>): void {
    this.domains.add(node.domain);
    nodes.push({ ...node, name: `${this.nodeName}#${node.outputs[0] ?? ''}` });
  }

  /** The next free name that begins so. */
  private newName(prefix = 't'): string {
    for (;;) {
      const name = `${prefix}${this.nextName++}`;
      if (!this.taken.has(name)) return name;
    }
  }

  /** What is emitted from here on belongs to this node, and is named after it. */
  begin(node: GraphNode): void {
    this.nodeName = nodeName(node);
  }

  int64(values: readonly number[], shape: Shape = [values.length]): string {
    const dimensions = shape.length === 1 ? '' : `:${shape.join('×')}`;
    const name = `int64[${values.join(',')}]${dimensions}`;
    if (!this.initializers.has(name)) this.int64Initializer(name, shape, values);
    return name;
  }

  float32(values: ArrayLike<number>, shape: Shape): string {
    return this.float(this.newName('constant'), shape, values);
  }

  body(
    inputs: readonly TensorType[],
    outputs: readonly TensorType[],
    build: (inputs: readonly string[]) => readonly string[],
  ): OnnxBody {
    const around = this.nodes;
    this.nodes = [];
    try {
      const values = inputs.map((type) => ({ name: this.newName(), type }));
      const names = build(values.map(({ name }) => name));
      return { inputs: values, outputs: named(names, outputs), nodes: this.nodes };
    } finally {
      this.nodes = around;
    }
  }

  scalar(value: number): string {
    const name = `float(${Object.is(value, -0) ? '-0' : value})`;
    if (!this.initializers.has(name)) this.float(name, [], [value]);
    return name;
  }

  /** The name of a tensor; a source that had none yet becomes an input or an initialiser. */
  nameOf(tensor: Tensor): string {
    const known = this.names.get(tensor);
    if (known !== undefined) return known;
    const name = this.sourceName(tensor);
    this.setName(tensor, name);
    return name;
  }

  setName(tensor: Tensor, name: string): void {
    this.names.set(tensor, name);
    this.shapes.set(name, tensor.shape);
  }

  /** Declares an output. A source, or what is already an output, is copied under the new name. */
  output(name: string, tensor: Tensor): void {
    const inner = this.nameOf(tensor);
    const [copy] = this.node('Identity', [inner]);
    const last = this.nodes.at(-1);
    if (last === undefined || copy === undefined) throw new TandemError('failed', 'No node was added');
    last.outputs = [name];
    this.outputs.push({ name, type: tensor });
  }

  encode(graphName: string): Uint8Array {
    const named = new Set(this.outputs.map(({ name }) => name));
    const nodes = this.blocked === undefined ? this.nodes : fuseBlockedRelu(this.nodes, named);
    const writer = new ProtobufWriter();
    writer.int(1, ONNX_IR_VERSION).string(2, 'tandem-mr');
    writer.message(7, (graph) => {
      for (const node of nodes) graph.message(1, (message) => writeNode(message, node));
      graph.string(2, graphName);
      for (const initializer of this.initializers.values()) {
        graph.message(5, (message) => {
          for (const size of initializer.shape) message.int(1, size);
          message
            .int(2, DATA_TYPES[initializer.dataType])
            .string(8, initializer.name)
            .bytes(9, initializer.bytes);
        });
      }
      const inputs = [...this.inputs].sort((a, b) => a.tensor.id - b.tensor.id);
      for (const { name, tensor } of inputs) {
        graph.message(11, (message) => writeValueInfo(message, { name, type: tensor }));
      }
      for (const value of this.outputs) graph.message(12, (message) => writeValueInfo(message, value));
    });
    writer.message(8, (opset) => opset.string(1, '').int(2, ONNX_OPSET));
    for (const domain of ['com.microsoft', 'com.microsoft.nchwc'] as const) {
      if (!this.domains.has(domain)) continue;
      writer.message(8, (opset) => opset.string(1, domain).int(2, MICROSOFT_OPSET));
    }
    return writer.finish();
  }

  private sourceName(tensor: Tensor): string {
    const { origin } = tensor;
    if (origin.kind === 'node') throw new TandemError('bad-model', `${origin.node.operator} was not emitted`);
    if (origin.kind === 'constant') {
      const value = origin.data[0];
      if (tensor.dataType === 'int64') {
        return this.int64Initializer(this.newName('constant'), tensor.shape, origin.data);
      }
      if (tensor.shape.length === 0 && value !== undefined) return this.scalar(value);
      return this.float(this.newName('constant'), tensor.shape, origin.data);
    }
    const name = origin.kind === 'input' ? origin.name : origin.path;
    if (origin.kind === 'input' || this.parameters === 'inputs') {
      this.inputs.push({ name, tensor });
      return name;
    }
    const values = this.parameters.get(name);
    if (values === undefined || values.length !== elementCount(tensor.shape)) {
      throw new TandemError(
        'bad-model',
        `The parameter ${name} needs ${elementCount(tensor.shape)} values, not ${values?.length ?? 'none'}`,
      );
    }
    return this.float(name, tensor.shape, values);
  }

  private float(name: string, shape: Shape, values: ArrayLike<number>): string {
    const data = Float32Array.from(values);
    this.initializers.set(name, { name, shape, dataType: 'float32', bytes: new Uint8Array(data.buffer) });
    return name;
  }

  private int64Initializer(name: string, shape: Shape, values: ArrayLike<number>): string {
    const data = BigInt64Array.from({ length: values.length }, (_, n) => BigInt(values[n]!));
    this.initializers.set(name, { name, shape, dataType: 'int64', bytes: new Uint8Array(data.buffer) });
    return name;
  }
}

/**
 * How the ONNX nodes of a graph node are named: place and operator before a `#`, so that what an engine
 * says of a node can be traced to the network.
 */
export function nodeName({ place, operator }: Pick<GraphNode, 'place' | 'operator'>): string {
  return place === '' ? operator : `${place}/${operator}`;
}

/**
 * The names of the graph's inputs and parameters, and of the outputs. Throws `bad-model` where two of them are
 * equal: values of a model are told apart by nothing else.
 */
function givenNames(outputs: OnnxOptions['outputs']): ReadonlySet<string> {
  const graphs = new Set(Object.values(outputs).map(({ graph }) => graph));
  const names = [...graphs].flatMap(({ inputs, parameters }) => [
    ...inputs.flatMap(({ origin }) => (origin.kind === 'input' ? [origin.name] : [])),
    ...parameters.map(({ path }) => path),
  ]);
  const taken = new Set<string>();
  for (const name of [...names, ...Object.keys(outputs)]) {
    if (taken.has(name)) throw new TandemError('bad-model', `Two values of the model are called ${name}`);
    taken.add(name);
  }
  return taken;
}

function named(names: readonly string[], types: readonly TensorType[]): OnnxValue[] {
  return types.map((type, n) => {
    const name = names[n];
    if (name === undefined) throw new TandemError('bad-model', 'A body emitted too few outputs');
    return { name, type };
  });
}

function writeNode(message: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  message.string(3, node.name).string(4, node.opType);
  if (node.domain !== '') message.string(7, node.domain);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message.message(5, (field) => writeAttribute(field.string(1, name), attribute));
  }
}

/** Types of AttributeProto: FLOAT 1, INT 2, STRING 3, GRAPH 5, FLOATS 6, INTS 7. */
function writeAttribute(field: ProtobufWriter, attribute: OnnxAttribute): void {
  if ('float' in attribute) field.float(2, attribute.float).int(20, 1);
  else if ('int' in attribute) field.int(3, attribute.int).int(20, 2);
  else if ('string' in attribute) field.string(4, attribute.string).int(20, 3);
  else if ('graph' in attribute) field.message(6, (graph) => writeBody(graph, attribute.graph)).int(20, 5);
  else if ('floats' in attribute) {
    for (const value of attribute.floats) field.float(7, value);
    field.int(20, 6);
  } else {
    for (const value of attribute.ints) field.int(8, value);
    field.int(20, 7);
  }
}

function writeBody(graph: ProtobufWriter, body: OnnxBody): void {
  for (const node of body.nodes) graph.message(1, (message) => writeNode(message, node));
  graph.string(2, 'body');
  for (const input of body.inputs) graph.message(11, (message) => writeValueInfo(message, input));
  for (const output of body.outputs) graph.message(12, (message) => writeValueInfo(message, output));
}

function writeValueInfo(message: ProtobufWriter, { name, type: { dataType, shape } }: OnnxValue): void {
  message.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, DATA_TYPES[dataType]).message(2, (dimensions) => {
        for (const size of shape) dimensions.message(1, (dimension) => dimension.int(1, size));
      }),
    ),
  );
}
