import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  GraphProtoSchema,
  type ModelProto,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { ProtobufWriter } from '../../../src/core/graph/onnx/protobuf.ts';
import { checkOnnx, readOnnx } from '../../../src/core/graph/onnx/readOnnx.ts';
import { attribute, external, floats, foreignModel, opset, ownModel, tensor } from './hostile/models.ts';

function refusal(bytes: Uint8Array, read: typeof readOnnx = readOnnx): string {
  try {
    read(bytes, 'model.onnx');
  } catch (error) {
    expect(error).toBeInstanceOf(TandemError);
    expect(error).toMatchObject({ code: 'bad-model', path: 'model.onnx' });
    return (error as TandemError).message;
  }
  throw new Error('It was read');
}

const node = (opType: string, domain = '') => create(NodeProtoSchema, { opType, domain });
const graph = (change: (graph: NonNullable<ModelProto['graph']>) => void) =>
  foreignModel((model) => change(model.graph!));

describe('reading ONNX', () => {
  it('gives what the project wrote: versions, inputs, outputs, operators in bodies, weights', () => {
    const model = readOnnx(ownModel());
    expect(model).toMatchObject({ irVersion: 10, producer: 'tandem-mr', functions: [], unknownDomains: [] });
    expect([...model.opsets]).toEqual([['', 21]]);
    expect(model.inputs).toEqual([
      { name: 'x', shape: [1, 2, 5, 7] },
      { name: 'start', shape: [2, 5, 7] },
    ]);
    expect(model.outputs).toEqual([
      { name: 'z', shape: [1, 2, 5, 7] },
      { name: 'y', shape: [1, 2, 5, 7] },
    ]);
    expect(Object.fromEntries(model.operators)).toEqual({ Conv: 1, Relu: 1, Scan: 1, Add: 1, Identity: 3 });
    expect(model.tensors.get('body.weight')!.shape).toEqual([2, 2, 3, 3]);
    expect([...model.tensors.get('body.bias')!.data]).toEqual([0, 0]);
    expect(checkOnnx(ownModel())).toEqual(model);
  });

  it('gives what another program wrote: every float type as float32, functions, the other types without values', () => {
    const model = checkOnnx(graph(({ output }) => output.push(create(ValueInfoProtoSchema, { name: 'y' }))));
    expect(model.outputs).toEqual([{ name: 'y', shape: [] }]);
    expect(model.functions).toEqual(['local.Twice']);
    expect(Object.fromEntries(model.operators)).toEqual({ 'local.Twice': 1, Mul: 1, Constant: 1, Add: 1 });
    const values = Object.fromEntries([...model.tensors].map(([name, { data }]) => [name, [...data]]));
    expect(values).toEqual({
      'w.float': [1, -2.5, 3],
      'w.half': [1, -2.5],
      'w.brain': [3.140625],
      'w.double': [0.25, -8],
      none: [],
    });
    expect([...model.otherTensors]).toEqual([
      ['shape', { shape: [3], dataType: 'INT64' }],
      ['flags', { shape: [2], dataType: 'BOOL' }],
      ['packed', { shape: [3], dataType: 'INT4' }],
    ]);
  });

  it('reports operators of unknown domains, which `checkOnnx` refuses', () => {
    const bytes = graph(({ node: nodes }) => nodes.push(node('Run', 'evil.corp'), node('Other', 'local')));
    expect(readOnnx(bytes).unknownDomains).toEqual(['local', 'evil.corp']);
    expect(refusal(bytes, checkOnnx)).toMatch(/unknown domains \(local, evil\.corp\)/);
    expect(refusal(foreignModel(), checkOnnx)).toMatch(/no outputs/);
  });

  it.each<[string, Uint8Array]>([
    ['an initialiser', graph(({ initializer }) => initializer.push(external('w')))],
    [
      'an initialiser that only names the file',
      graph(({ initializer }) => initializer.push({ ...external('w'), dataLocation: 0 })),
    ],
    [
      'an initialiser that only says so',
      graph(({ initializer }) => initializer.push({ ...external('w'), externalData: [] })),
    ],
    [
      'an attribute',
      graph(({ node: [first] }) =>
        first!.attribute.push(attribute({ type: AttributeProto_AttributeType.TENSOR, t: external('') })),
      ),
    ],
    [
      'one of an attribute’s tensors',
      graph(({ node: [first] }) =>
        first!.attribute.push(attribute({ tensors: [floats('', [1]), external('')] })),
      ),
    ],
    [
      'a body within a body',
      graph(({ node: [first] }) => {
        const inner = create(GraphProtoSchema, { initializer: [external('w')] });
        const between = { ...node('If'), attribute: [attribute({ g: inner })] };
        const outer = create(GraphProtoSchema, { node: [between] });
        first!.attribute.push(attribute({ graphs: [outer] }));
      }),
    ],
    [
      'a function',
      foreignModel(({ functions: [first] }) =>
        first!.node[0]!.attribute.push(attribute({ t: external('') })),
      ),
    ],
    [
      'the training part',
      foreignModel(({ trainingInfo: [first] }) => first!.algorithm!.initializer.push(external('w'))),
    ],
  ])('never follows a path: values of %s in another file', (_where, bytes) => {
    expect(refusal(bytes)).toMatch(/another file, which is never opened/);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /no version or no graph/],
    ['text', new TextEncoder().encode('not a model at all'), /./],
    [
      'onnxruntime’s own format within a protocol buffer',
      new ProtobufWriter().bytes(2, new TextEncoder().encode('..ORTM')).finish(),
      /own format/,
    ],
    ['a model with two graphs', joined(ownModel(), ownModel()), /field \d+ is there twice/],
    [
      'a node that is a compiled file',
      graph(({ node: nodes }) => nodes.push(node('EPContext', 'com.microsoft'))),
      /loaded/,
    ],
    [
      'a sparse tensor of any size it likes',
      graph(({ sparseInitializer }) =>
        sparseInitializer.push(
          create(SparseTensorProtoSchema, { values: floats('s', [1]), dims: [2n ** 40n] }),
        ),
      ),
      /sparse/,
    ],
    ['a node without operator', graph(({ node: nodes }) => nodes.push(node(''))), /no operator/],
    [
      'two weights of one name',
      graph(({ initializer }) => initializer.push(floats('w.float', [1]))),
      /same name/,
    ],
    ['a weight without name', graph(({ initializer }) => initializer.push(floats('', [1]))), /no name/],
    [
      'a shape larger than its values',
      graph(({ initializer }) => initializer.push(tensor('w', TensorProto_DataType.FLOAT, [2 ** 40], {}))),
      /does not fill/,
    ],
    [
      'a shape whose size is no number',
      graph(({ initializer }) =>
        initializer.push(tensor('w', TensorProto_DataType.FLOAT, [2 ** 52, 2 ** 52], {})),
      ),
      /impossible/,
    ],
    [
      'a negative size',
      graph(({ initializer }) => initializer.push(tensor('w', TensorProto_DataType.FLOAT, [-1], {}))),
      /impossible/,
    ],
    [
      'values of another type',
      graph(({ initializer }) =>
        initializer.push(tensor('w', TensorProto_DataType.FLOAT, [1], { int64Data: [1n] })),
      ),
      /int64_data/,
    ],
    [
      'a tensor of texts',
      graph(({ initializer }) => initializer.push(tensor('w', TensorProto_DataType.STRING, [1], {}))),
      /type 8/,
    ],
    ['two versions of a domain', foreignModel(({ opsetImport }) => opsetImport.push(opset('', 9n))), /twice/],
    ['no version of the operators', foreignModel((model) => model.opsetImport.splice(0)), /which operators/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(refusal(bytes)).toMatch(message);
  });

  it('refuses messages that lie too deep in each other, without a stack that overflows', () => {
    let body = new ProtobufWriter().string(2, 'deepest').finish();
    for (let depth = 0; depth < 5000; depth++) {
      const around = body;
      body = new ProtobufWriter()
        .message(1, (inner) => inner.string(4, 'If').message(5, (field) => field.bytes(6, around)))
        .finish();
    }
    expect(refusal(new ProtobufWriter().int(1, 8).bytes(7, body).finish())).toMatch(/more than 100 deep/);
  });

  it('stops at every place where the file may be cut off', () => {
    const bytes = ownModel();
    for (let length = 0; length < bytes.length; length++) refusal(bytes.subarray(0, length));
  });
});

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
