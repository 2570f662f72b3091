import { TandemError } from '../../errors.ts';
import { nodesBehind } from '../graph.ts';
import { elementCount, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import type { GraphDevice, OnnxAttribute, OnnxEmitter } from './emitter.ts';
import { ProtobufWriter } from './protobuf.ts';

/** IR version 10 and opset 21 of the standard domain: read by onnxruntime 1.19 and later. */
export const ONNX_IR_VERSION = 10;
export const ONNX_OPSET = 21;

const FLOAT = 1;
const INT64 = 7;

export interface OnnxOptions {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Their values, by path, to be written into the model; or `inputs`: fed at every run, named by path. */
  readonly parameters: ReadonlyMap<string, ArrayLike<number>> | 'inputs';
  readonly device?: GraphDevice;
}

interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

interface OnnxInitializer {
  readonly name: string;
  readonly shape: Shape;
  readonly type: typeof FLOAT | typeof INT64;
  readonly bytes: Uint8Array;
}

/**
 * The ONNX model (bytes of a ModelProto) that computes `outputs`. Its inputs are the graph's inputs that
 * the outputs depend on, in the order in which they were made, then, where asked, the parameters.
 */
export function toOnnx(options: OnnxOptions): Uint8Array {
  const builder = new ModelBuilder(options.device ?? 'cpu', options.parameters);
  for (const node of nodesBehind(Object.values(options.outputs))) {
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
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers = new Map<string, OnnxInitializer>();
  private readonly inputs: { readonly name: string; readonly tensor: Tensor }[] = [];
  private readonly outputs: { readonly name: string; readonly shape: Shape }[] = [];
  private nextName = 0;

  constructor(device: GraphDevice, parameters: OnnxOptions['parameters']) {
    this.device = device;
    this.parameters = parameters;
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs = 1,
  ): readonly string[] {
    const names = Array.from({ length: outputs }, () => `t${this.nextName++}`);
    this.nodes.push({ opType, inputs, outputs: names, attributes });
    return names;
  }

  int64(values: readonly number[]): string {
    const name = `int64[${values.join(',')}]`;
    if (!this.initializers.has(name)) {
      const data = BigInt64Array.from(values, BigInt);
      this.initializers.set(name, {
        name,
        shape: [values.length],
        type: INT64,
        bytes: new Uint8Array(data.buffer),
      });
    }
    return name;
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
    this.names.set(tensor, name);
    return name;
  }

  setName(tensor: Tensor, name: string): void {
    this.names.set(tensor, name);
  }

  /** Declares an output. A source, or what is already an output, is copied under the new name. */
  output(name: string, tensor: Tensor): void {
    const inner = this.nameOf(tensor);
    const [copy] = this.node('Identity', [inner]);
    const last = this.nodes.at(-1);
    if (last === undefined || copy === undefined) throw new TandemError('failed', 'No node was added');
    last.outputs = [name];
    this.outputs.push({ name, shape: tensor.shape });
  }

  encode(graphName: string): Uint8Array {
    const writer = new ProtobufWriter();
    writer.int(1, ONNX_IR_VERSION).string(2, 'tandem-mr');
    writer.message(7, (graph) => {
      for (const node of this.nodes) graph.message(1, (message) => writeNode(message, node));
      graph.string(2, graphName);
      for (const initializer of this.initializers.values()) {
        graph.message(5, (message) => {
          for (const size of initializer.shape) message.int(1, size);
          message.int(2, initializer.type).string(8, initializer.name).bytes(9, initializer.bytes);
        });
      }
      const inputs = [...this.inputs].sort((a, b) => a.tensor.id - b.tensor.id);
      for (const { name, tensor } of inputs) {
        graph.message(11, (message) => writeValueInfo(message, name, tensor.shape));
      }
      for (const { name, shape } of this.outputs) {
        graph.message(12, (message) => writeValueInfo(message, name, shape));
      }
    });
    writer.message(8, (opset) => opset.string(1, '').int(2, ONNX_OPSET));
    return writer.finish();
  }

  private sourceName(tensor: Tensor): string {
    const { origin } = tensor;
    if (origin.kind === 'node') throw new TandemError('bad-model', `${origin.node.operator} was not emitted`);
    if (origin.kind === 'constant') {
      const value = origin.data[0];
      if (tensor.shape.length === 0 && value !== undefined) return this.scalar(value);
      return this.float(`constant${this.nextName++}`, tensor.shape, origin.data);
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
    this.initializers.set(name, { name, shape, type: FLOAT, bytes: new Uint8Array(data.buffer) });
    return name;
  }
}

function writeNode(message: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  message.string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message.message(5, (field) => writeAttribute(field.string(1, name), attribute));
  }
}

/** Types of AttributeProto: FLOAT 1, INT 2, STRING 3, INTS 7. */
function writeAttribute(field: ProtobufWriter, attribute: OnnxAttribute): void {
  if ('float' in attribute) field.float(2, attribute.float).int(20, 1);
  else if ('int' in attribute) field.int(3, attribute.int).int(20, 2);
  else if ('string' in attribute) field.string(4, attribute.string).int(20, 3);
  else {
    for (const value of attribute.ints) field.int(8, value);
    field.int(20, 7);
  }
}

function writeValueInfo(message: ProtobufWriter, name: string, shape: Shape): void {
  message.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, FLOAT).message(2, (dimensions) => {
        for (const size of shape) dimensions.message(1, (dimension) => dimension.int(1, size));
      }),
    ),
  );
}
