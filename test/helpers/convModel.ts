import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

export interface ConvModelOptions {
  readonly rows: number;
  readonly columns: number;
  /** Whether the model has a second input `reference`. */
  readonly reference?: boolean;
  /** Kernel side and output channels of each layer; the last one must give 1 channel. */
  readonly layers: readonly { readonly kernel: number; readonly channels: number }[];
  readonly seed?: number;
  /** Size of the random weights; 0 makes the correction zero, so that the output is the input. */
  readonly gain?: number;
}

/** Half the receptive field of the layers: what a tile needs around its core. */
export function haloOf(layers: ConvModelOptions['layers']): number {
  return layers.reduce((sum, layer) => sum + (layer.kernel - 1) / 2, 0);
}

/**
 * A small network as ONNX bytes, independent of the project's own graph: `enhanced = zero_filled +
 * conv(relu(conv(…)))`, same-padded, random weights from a seed.
 */
export function convModel(options: ConvModelOptions): Uint8Array {
  const { rows, columns, layers, gain = 1 } = options;
  const random = generator(options.seed ?? 1);
  const nodes: NodeProto[] = [];
  const weights: TensorProto[] = [];
  let current = 'zero_filled';
  let channels = 1;
  if (options.reference) {
    nodes.push(node('Concat', ['zero_filled', 'reference'], 'stacked', [integer('axis', 1)]));
    current = 'stacked';
    channels = 2;
  }
  layers.forEach((layer, n) => {
    const fanIn = channels * layer.kernel ** 2;
    const values = Float32Array.from(
      { length: layer.channels * fanIn },
      () => (gain * (random() * 2 - 1) * Math.sqrt(3)) / Math.sqrt(fanIn),
    );
    weights.push(tensor(`w${n}`, [layer.channels, channels, layer.kernel, layer.kernel], values));
    const pad = (layer.kernel - 1) / 2;
    nodes.push(node('Conv', [current, `w${n}`], `conv${n}`, [integers('pads', [pad, pad, pad, pad])]));
    current = `conv${n}`;
    channels = layer.channels;
    if (n < layers.length - 1) {
      nodes.push(node('Relu', [current], `relu${n}`, []));
      current = `relu${n}`;
    }
  });
  nodes.push(node('Add', ['zero_filled', current], 'enhanced', []));
  const shape = [1, 1, rows, columns];
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 21n })],
    graph: create(GraphProtoSchema, {
      name: 'test',
      node: nodes,
      initializer: weights,
      input: [value('zero_filled', shape), ...(options.reference ? [value('reference', shape)] : [])],
      output: [value('enhanced', shape)],
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random image with values in [0, 1). */
export function randomImage(rows: number, columns: number, seed: number): Float32Array {
  const random = generator(seed);
  return Float32Array.from({ length: rows * columns }, random);
}

function node(opType: string, input: string[], output: string, attribute: AttributeProto[]): NodeProto {
  return create(NodeProtoSchema, { opType, input, output: [output], name: output, attribute });
}

function integer(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
}

function integers(name: string, values: number[]): AttributeProto {
  const ints = values.map(BigInt);
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints });
}

function tensor(name: string, dims: number[], values: Float32Array): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: TensorProto_DataType.FLOAT,
    rawData: new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength),
  });
}

function value(name: string, dims: number[]): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: 'tensorType',
        value: create(TypeProto_TensorSchema, {
          elemType: TensorProto_DataType.FLOAT,
          shape: create(TensorShapeProtoSchema, {
            dim: dims.map((dim) =>
              create(TensorShapeProto_DimensionSchema, {
                value: { case: 'dimValue', value: BigInt(dim) },
              }),
            ),
          }),
        }),
      },
    }),
  });
}
