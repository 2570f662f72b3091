import { fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { multiplyAccumulates } from '../../../src/core/graph/graph.ts';
import {
  add,
  conv2d,
  Graph,
  initialValues,
  kaimingNormal,
  mul,
  parameterCount,
  relu,
  toOnnx,
  ZEROS,
} from '../../../src/core/graph/index.ts';
import { ProtobufWriter } from '../../../src/core/graph/onnx/protobuf.ts';
import { runOnnx } from '../../helpers/graph.ts';

function layer() {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 5, 7]);
  const y = graph.scope('body', () => {
    const shape = [3, 2, 3, 3];
    const weight = graph.parameter('weight', shape, kaimingNormal(shape));
    return relu(conv2d(x, weight, { bias: graph.parameter('bias', [3], ZEROS), padding: 1 }));
  });
  return { graph, x, y };
}

function parse(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

describe('ONNX', () => {
  it('is read by another implementation: versions, nodes, attributes, shapes, values', () => {
    const { graph, y } = layer();
    const weights = initialValues(graph.parameters, 1);
    const model = parse(
      toOnnx({ name: 'layer', outputs: { y, twice: mul(y, 2), same: y }, parameters: weights }),
    );

    expect(model.irVersion).toBe(10n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 21n]]);
    expect(model.producerName).toBe('tandem-mr');
    expect(model.graph!.name).toBe('layer');
    const dims = (value: (typeof model.graph & object)['input'][number]) => {
      const type = value.type!.value;
      if (type.case !== 'tensorType') throw new Error('not a tensor');
      expect(type.value.elemType).toBe(TensorProto_DataType.FLOAT);
      return type.value.shape!.dim.map(({ value: size }) => Number(size.value));
    };
    expect(model.graph!.input.map((value) => [value.name, dims(value)])).toEqual([['x', [1, 2, 5, 7]]]);
    expect(model.graph!.output.map((value) => [value.name, dims(value)])).toEqual([
      ['y', [1, 3, 5, 7]],
      ['twice', [1, 3, 5, 7]],
      ['same', [1, 3, 5, 7]],
    ]);

    const conv = model.graph!.node.find(({ opType }) => opType === 'Conv')!;
    expect(conv.input).toEqual(['x', 'body.weight', 'body.bias']);
    const pads = conv.attribute.find(({ name }) => name === 'pads')!;
    expect([pads.type, pads.ints]).toEqual([AttributeProto_AttributeType.INTS, [1n, 1n, 1n, 1n]]);
    const stored = model.graph!.initializer.find(({ name }) => name === 'body.weight')!;
    expect(stored.dims).toEqual([3n, 2n, 3n, 3n]);
    const raw = stored.rawData;
    expect(new Float32Array(raw.slice().buffer)).toEqual(weights.get('body.weight'));
  });

  it('takes parameters as inputs after the graph inputs, in the order of the network', () => {
    const { y } = layer();
    const model = parse(toOnnx({ name: 'layer', outputs: { y }, parameters: 'inputs' }));
    expect(model.graph!.input.map(({ name }) => name)).toEqual(['x', 'body.weight', 'body.bias']);
  });

  it('leaves out what the outputs do not depend on', () => {
    const { x, y } = layer();
    add(y, 1);
    const model = parse(toOnnx({ name: 'layer', outputs: { doubled: mul(x, 2) }, parameters: new Map() }));
    expect(model.graph!.node.map(({ opType }) => opType)).toEqual(['Mul', 'Identity']);
  });

  it('copies an input that is an output, and a tensor that is two outputs', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const y = add(x, graph.constant([10, 20], [2]));
    const values = await runOnnx({ copy: x, y, z: y }, new Map([['x', [1, 2]]]));
    expect([...values.get('copy')!]).toEqual([1, 2]);
    expect([...values.get('y')!]).toEqual([11, 22]);
    expect([...values.get('z')!]).toEqual([11, 22]);
  });

  it('refuses to write a parameter without its values', () => {
    const { y } = layer();
    expect(() => toOnnx({ name: 'layer', outputs: { y }, parameters: new Map() })).toThrow(
      /body\.weight needs 54/,
    );
  });

  it('counts parameters and multiply-accumulates', () => {
    const { graph, y } = layer();
    expect(parameterCount(graph.parameters)).toBe(3 * 2 * 9 + 3);
    expect(multiplyAccumulates([y])).toBe(3 * 5 * 7 * 2 * 9);
  });
});

describe('protobuf', () => {
  it('writes varints of one to ten bytes', () => {
    expect([...new ProtobufWriter().int(1, 1).finish()]).toEqual([8, 1]);
    expect([...new ProtobufWriter().int(1, 300).finish()]).toEqual([8, 0xac, 2]);
    expect([...new ProtobufWriter().int(20, -1).finish()]).toEqual([0xa0, 1, ...Array(9).fill(0xff), 1]);
  });
});

describe('initial values', () => {
  it('depend on the seed and the path, not on the other parameters', () => {
    const make = (paths: readonly string[]) => {
      const graph = new Graph();
      for (const path of paths) graph.parameter(path, [64, 8, 3, 3], kaimingNormal([64, 8, 3, 3]));
      return graph.parameters;
    };
    const both = initialValues(make(['a', 'b']), 5);
    expect(initialValues(make(['b']), 5).get('b')).toEqual(both.get('b'));
    expect(both.get('a')).not.toEqual(both.get('b'));
    expect(initialValues(make(['a']), 6).get('a')).not.toEqual(both.get('a'));
    const squares = both.get('a')!.reduce((sum, x) => sum + x * x, 0) / (64 * 72);
    expect(squares).toBeGreaterThan((2 / 72) * 0.93);
    expect(squares).toBeLessThan((2 / 72) * 1.07);
  });
});
