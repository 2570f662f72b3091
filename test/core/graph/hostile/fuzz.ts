/**
 * Run by hostileFiles.test.ts in a process with a small heap: reads so many mutations of a format's files and
 * prints what became of them. Arguments: `onnx`, `safetensors` or `dense`
 * (large files of as many small things as fit), how many, the seed.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema } from 'onnx-buf';
import { TandemError } from '../../../../src/core/errors.ts';
import { ProtobufWriter } from '../../../../src/core/graph/onnx/protobuf.ts';
import { type OnnxModel, readOnnx } from '../../../../src/core/graph/onnx/readOnnx.ts';
import { readSafetensors, writeSafetensors } from '../../../../src/core/graph/safetensors.ts';
import type { Shape } from '../../../../src/core/graph/shape.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { foreignModel, ownModel } from './models.ts';
import { mutateBytes, mutateHeader, mutateProtobuf } from './mutations.ts';

export interface FuzzReport {
  mutations: number;
  /** Of these, by what came of them. */
  refused: number;
  read: number;
  /** Different messages of refusals. */
  messages: number;
  /** What is no refusal and no reading: there should be none. */
  faults: string[];
  /** Largest growth of buffers during one reading, less 64 KiB, in units of the file's size. */
  mostMemory: number;
  slowestMs: number;
}

const [, , format = '', count = '0', seed = '1'] = process.argv;
const PATH = '/some/where/file';
/** What a reading may allocate beside the tensors: decoders, small views. */
const OVERHEAD = 64 * 1024;

const random = createRandom(Number(seed));
const report: FuzzReport = {
  mutations: 0,
  refused: 0,
  read: 0,
  messages: 0,
  faults: [],
  mostMemory: 0,
  slowestMs: 0,
};
const messages = new Set<string>();

function attempt(bytes: Uint8Array, read: (bytes: Uint8Array) => void, code: string): void {
  report.mutations++;
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  try {
    read(bytes);
    report.read++;
  } catch (error) {
    const expected = error instanceof TandemError && error.code === code && error.path === PATH;
    if (!expected) report.faults.push(error instanceof Error ? `${error.stack}` : String(error));
    else messages.add(error.message.replaceAll(/\d+/g, 'n'));
    report.refused++;
  }
  report.slowestMs = Math.max(report.slowestMs, performance.now() - start);
  const grown = process.memoryUsage().arrayBuffers - before - OVERHEAD;
  report.mostMemory = Math.max(report.mostMemory, grown / Math.max(1, bytes.length));
}

function fault(what: string): void {
  if (report.faults.length < 10) report.faults.push(what);
}

function fuzzOnnx(): void {
  const originals = [ownModel(), foreignModel()];
  for (let n = 0; n < Number(count); n++) {
    const original = originals[n % 2]!;
    const other = originals[1 - (n % 2)]!;
    const bytes =
      random.integer(2) === 0 ? mutateBytes(original, random) : mutateProtobuf(original, other, random);
    attempt(
      bytes,
      (file) => {
        const model = readOnnx(file, PATH);
        compareWithOther(model, file);
      },
      'bad-model',
    );
  }
}

/** What is read here is what another implementation reads, where it reads it at all. */
function compareWithOther(model: OnnxModel, bytes: Uint8Array): void {
  let other: ReturnType<typeof readOther>;
  try {
    other = readOther(bytes);
  } catch {
    return;
  }
  if (other.nodes !== [...model.operators.values()].reduce((sum, n) => sum + n, 0)) fault('other nodes');
  const tensors = new Map<string, { shape: Shape }>([...model.tensors, ...model.otherTensors]);
  if (other.tensors.size !== tensors.size) fault('other tensors');
  for (const [name, dims] of other.tensors) {
    if (tensors.get(name)?.shape.join() !== dims) fault(`${name} has another shape`);
  }
  for (const [name, { shape, data }] of model.tensors) {
    if (data.length !== shape.reduce((a, b) => a * b, 1)) fault(`${name} has another size`);
  }
}

function readOther(bytes: Uint8Array): { nodes: number; tensors: Map<string, string> } {
  const model = fromBinary(ModelProtoSchema, bytes);
  const nodesOf = (graph: GraphProto | undefined): number =>
    (graph?.node ?? []).reduce(
      (sum, { attribute }) => sum + 1 + attribute.reduce((n, a) => n + inAttribute(a), 0),
      0,
    );
  const inAttribute = (a: { g?: GraphProto | undefined; graphs: GraphProto[] }): number =>
    nodesOf(a.g) + a.graphs.reduce((sum, graph) => sum + nodesOf(graph), 0);
  let nodes = nodesOf(model.graph);
  for (const { initialization, algorithm } of model.trainingInfo)
    nodes += nodesOf(initialization) + nodesOf(algorithm);
  for (const { node, attributeProto } of model.functions) {
    nodes += node.reduce(
      (sum, { attribute }) => sum + 1 + attribute.reduce((n, a) => n + inAttribute(a), 0),
      0,
    );
    nodes += attributeProto.reduce((sum, a) => sum + inAttribute(a), 0);
  }
  return {
    nodes,
    tensors: new Map((model.graph?.initializer ?? []).map(({ name, dims }) => [name, dims.join()])),
  };
}

function fuzzSafetensors(): void {
  const original = writeSafetensors(
    new Map([
      ['b.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 6) }],
      ['a', { shape: [], data: Float32Array.of(7) }],
      ['empty', { shape: [0, 4], data: new Float32Array(0) }],
      ['large', { shape: [40, 5], data: new Float32Array(200).fill(0.5) }],
    ]),
    new Map([['format', 'x']]),
  );
  for (let n = 0; n < Number(count); n++) {
    const bytes = random.integer(2) === 0 ? mutateBytes(original, random) : mutateHeader(original, random);
    attempt(
      bytes,
      (file) => {
        let held = 0;
        for (const { shape, data } of readSafetensors(file, PATH).tensors.values()) {
          if (data.length !== shape.reduce((a, b) => a * b, 1)) fault('values that do not fill a shape');
          held += data.byteLength;
        }
        if (held > 2 * file.length) fault('more values than bytes');
      },
      'bad-tensor-file',
    );
  }
}

/** Files of four megabytes in which every few bytes are one more thing to remember. */
function readDense(): void {
  const size = 4 * 2 ** 20;
  const numbered = (make: (n: number) => number[]): Uint8Array => {
    const bytes = new Uint8Array(size);
    for (let at = 0, n = 0; at + 20 < size; n++) {
      const part = make(n);
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  };
  // A name of four bytes that no other has.
  const name = (n: number) => [24, 18, 12, 6].map((shift) => 0x30 + ((n >> shift) & 63));
  const graph = (content: Uint8Array) =>
    new ProtobufWriter()
      .int(1, 8)
      .message(8, (opset) => opset.string(1, '').int(2, 17))
      .bytes(7, content)
      .finish();
  const dense: Record<string, Uint8Array> = {
    'nodes with the shortest name': graph(numbered(() => [0x0a, 3, 0x22, 1, 0x41])),
    'different operators': graph(numbered((n) => [0x0a, 6, 0x22, 4, ...name(n)])),
    'nodes with a domain each': graph(numbered((n) => [0x0a, 9, 0x22, 1, 0x41, 0x3a, 4, ...name(n)])),
    'empty inputs': graph(numbered(() => [0x5a, 0])),
    'named outputs': graph(numbered((n) => [0x62, 6, 0x0a, 4, ...name(n)])),
    'empty tensors': graph(numbered((n) => [0x2a, 10, 0x08, 0, 0x10, 1, 0x42, 4, ...name(n)])),
    'a shape of many sizes': graph(numbered(() => [0x2a, 2, 0x08, 1])),
    functions: numbered((n) => [0xca, 1, 6, 0x0a, 4, ...name(n)]),
    domains: numbered((n) => [0x42, 6, 0x0a, 4, ...name(n)]),
    zeros: new Uint8Array(size),
  };
  for (const bytes of Object.values(dense)) attempt(bytes, (file) => readOnnx(file, PATH), 'bad-model');
  const headers = ['[', '{"a":', '"a",', '0,', '[],', '{},', '"a":0,'].map((part) => {
    const json = new TextEncoder().encode(`{"x":[${part.repeat(Math.floor((size - 20) / part.length))}`);
    const bytes = new Uint8Array(8 + json.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  });
  for (const bytes of headers) attempt(bytes, (file) => readSafetensors(file, PATH), 'bad-tensor-file');
}

if (format === 'onnx') fuzzOnnx();
else if (format === 'dense') readDense();
else fuzzSafetensors();
report.messages = messages.size;
report.faults.splice(10);
console.log(JSON.stringify(report));
if (process.env.FUZZ_MESSAGES) console.error([...messages].sort().join('\n'));
