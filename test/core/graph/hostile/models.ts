import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  TrainingInfoProtoSchema,
} from 'onnx-buf';
import { applyOne } from '../../../../src/core/graph/graph.ts';
import {
  conv2d,
  Graph,
  initialValues,
  kaimingNormal,
  relu,
  toOnnx,
  ZEROS,
} from '../../../../src/core/graph/index.ts';
import type { Operator } from '../../../../src/core/graph/operator.ts';
import { float32 } from '../../../../src/core/graph/shape.ts';

/** y[t] = start + x[0] + … + x[t], as a loop: for its body, a graph within a node. */
const runningSum: Operator<null> = {
  name: 'runningSum',
  infer: ([x]) => [float32(x!.shape)],
  onnx: (emit, [x, start], _attributes, { inputs }) => {
    const row = float32(inputs[1]!.shape);
    const body = emit.body([row, row], [row, row], ([sum, next]) => {
      const [total] = emit.node('Add', [sum!, next!]);
      const [copy] = emit.node('Identity', [total!]);
      return [total!, copy!];
    });
    const attributes = { body: { graph: body }, num_scan_inputs: { int: 1 } };
    return emit.node('Scan', [start!, x!], attributes, 2).slice(1);
  },
  reference: () => {
    throw new Error('only its ONNX form is asked for');
  },
};

/** A model of the project's own: two convolutions and a loop, the weights inside. */
export function ownModel(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 5, 7]);
  const start = graph.input('start', [2, 5, 7]);
  const shape = [2, 2, 3, 3];
  const y = graph.scope('body', () => {
    const weight = graph.parameter('weight', shape, kaimingNormal(shape));
    return relu(conv2d(x, weight, { bias: graph.parameter('bias', [2], ZEROS), padding: 1 }));
  });
  const z = graph.scope('loop', () => applyOne(runningSum, [y, start], null));
  return toOnnx({ name: 'own', outputs: { z, y }, parameters: initialValues(graph.parameters, 3) });
}

/** A small model as another program may write it, with whatever `change` makes of it. */
export function foreignModel(change: (model: ModelProto) => void = () => {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: 'elsewhere',
    opsetImport: [opset('', 17n), opset('local', 1n)],
    graph: create(GraphProtoSchema, {
      name: 'main',
      node: [
        create(NodeProtoSchema, { opType: 'Twice', domain: 'local', input: ['x'], output: ['t'] }),
        create(NodeProtoSchema, { opType: 'Mul', input: ['t', 'w.float'], output: ['y'] }),
        create(NodeProtoSchema, {
          opType: 'Constant',
          output: ['c'],
          attribute: [
            attribute({ name: 'value', type: AttributeProto_AttributeType.TENSOR, t: floats('', [7]) }),
          ],
        }),
      ],
      initializer: [
        floats('w.float', [1, -2.5, 3]),
        tensor('w.half', TensorProto_DataType.FLOAT16, [2], { int32Data: [0x3c00, 0xc100] }),
        tensor('w.brain', TensorProto_DataType.BFLOAT16, [1], { rawData: Uint8Array.of(0x49, 0x40) }),
        tensor('w.double', TensorProto_DataType.DOUBLE, [1, 2], { doubleData: [0.25, -8] }),
        tensor('shape', TensorProto_DataType.INT64, [3], { int64Data: [1n, -1n, 2n ** 40n] }),
        tensor('flags', TensorProto_DataType.BOOL, [2], { int32Data: [0, 1] }),
        tensor('packed', TensorProto_DataType.INT4, [3], { rawData: Uint8Array.of(0x21, 0x03) }),
        tensor('none', TensorProto_DataType.FLOAT, [0, 4], {}),
      ],
    }),
    functions: [
      create(FunctionProtoSchema, {
        name: 'Twice',
        domain: 'local',
        input: ['a'],
        output: ['b'],
        node: [create(NodeProtoSchema, { opType: 'Add', input: ['a', 'a'], output: ['b'] })],
        opsetImport: [opset('', 17n)],
      }),
    ],
    trainingInfo: [
      create(TrainingInfoProtoSchema, { algorithm: create(GraphProtoSchema, { name: 'step' }) }),
    ],
  });
  change(model);
  return toBinary(ModelProtoSchema, model);
}

export function opset(domain: string, version: bigint) {
  return create(OperatorSetIdProtoSchema, { domain, version });
}

export function attribute(
  init: Partial<Pick<AttributeProto, 'name' | 'type' | 't' | 'g' | 'tensors' | 'graphs'>>,
) {
  return create(AttributeProtoSchema, init);
}

export function tensor(
  name: string,
  dataType: TensorProto_DataType,
  dims: readonly number[],
  values: Partial<Pick<TensorProto, 'int32Data' | 'int64Data' | 'doubleData' | 'floatData'>> & {
    readonly rawData?: Uint8Array<ArrayBuffer>;
  },
): TensorProto {
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), ...values });
}

export function floats(name: string, values: readonly number[]): TensorProto {
  return tensor(name, TensorProto_DataType.FLOAT, [values.length], { floatData: [...values] });
}

/** A tensor whose values lie in a file beside the model, or wherever its path leads. */
export function external(name: string): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    dims: [4n],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [create(StringStringEntryProtoSchema, { key: 'location', value: '../../../etc/passwd' })],
  });
}
