import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  type GraphDevice,
  gradients,
  reduceSum,
  type Tensor,
  toOnnx,
} from '../../../src/core/graph/index.ts';
import { checkOnnx } from '../../../src/core/graph/onnx/readOnnx.ts';
import { type OperatorCase, operatorCases } from './cases/index.ts';

const devices: readonly GraphDevice[] = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'];

/** A case with its gradients, as the suite runs it. */
function model({ build, shapes, differentiable = true }: OperatorCase, device: GraphDevice): Uint8Array {
  const graph = new Graph();
  const inputs = shapes[0]!.map((shape, n) => graph.input(`x${n}`, shape));
  const y = build(inputs);
  const outputs: Record<string, Tensor> = { y };
  if (differentiable) {
    gradients(reduceSum(y), inputs).forEach((gradient, n) => {
      outputs[`g${n}`] = gradient;
    });
  }
  return toOnnx({ name: 'test', outputs, parameters: 'inputs', device });
}

/**
 * What the specification asks of a graph (onnx/docs/IR.md) beyond its messages: every name is made once, before
 * it is used, and made by something; a body may use the names around it. Returns what does not hold.
 */
function faults(graph: GraphProto, around: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const known = new Set(around);
  const make = (name: string) => {
    if (known.has(name)) found.push(`${name} is made twice`);
    known.add(name);
  };
  for (const { name } of graph.input) make(name);
  for (const { name } of graph.initializer) make(name);
  for (const { opType, name, input, output, attribute } of graph.node) {
    if (name === '') found.push(`a ${opType} has no name`);
    for (const one of input)
      if (one !== '' && !known.has(one)) found.push(`${name} uses ${one} before it is made`);
    for (const { g } of attribute) if (g) found.push(...faults(g, known));
    for (const one of output) if (one !== '') make(one);
  }
  for (const { name } of graph.output) if (!known.has(name)) found.push(`nothing makes the output ${name}`);
  return found;
}

function domains(graph: GraphProto): string[] {
  return graph.node.flatMap(({ domain, attribute }) => [
    domain,
    ...attribute.flatMap(({ g }) => (g ? domains(g) : [])),
  ]);
}

describe('emitted models', () => {
  it.each(
    devices,
  )('are well formed for %s, state their opsets, and come out the same every time', (device) => {
    for (const operatorCase of operatorCases) {
      const bytes = model(operatorCase, device);
      const parsed: ModelProto = fromBinary(ModelProtoSchema, bytes);
      expect(faults(parsed.graph!, new Set()), operatorCase.name).toEqual([]);
      const stated = parsed.opsetImport.map(({ domain, version }) => `${domain}:${version}`);
      const used = new Set(domains(parsed.graph!));
      expect(stated, operatorCase.name).toEqual([
        ':21',
        ...(used.has('com.microsoft') ? ['com.microsoft:1'] : []),
      ]);
      for (const domain of used) expect(['', 'com.microsoft'], operatorCase.name).toContain(domain);
      // The project's own check lets its own models pass, and sees the same.
      const seen = checkOnnx(bytes);
      expect(seen.inputs.map(({ name }) => name)).toEqual(parsed.graph!.input.map(({ name }) => name));
      expect(Buffer.compare(model(operatorCase, device), bytes), operatorCase.name).toBe(0);
    }
  });
});
