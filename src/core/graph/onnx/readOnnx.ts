import { TandemError } from '../../errors.ts';
import type { NamedTensor } from '../safetensors.ts';
import type { Shape } from '../shape.ts';
import { MODEL } from './messages.ts';
import { ProtobufError, ProtobufReader } from './protobufReader.ts';
import { readTensor, type StoredTensor } from './readTensor.ts';

/** A declared input or output; a size is a number, a name, or '?' where the model says nothing. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** What a model says of itself. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Version of the operators by domain; the standard one is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Those that must be fed: not those that have stored values. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** Nodes by operator, bodies included: `Conv`, `com.microsoft.LinearAttention`. */
  readonly operators: ReadonlyMap<string, number>;
  /** Operators that the model itself defines by others. */
  readonly functions: readonly string[];
  /** Domains of operators that are neither standard, nor onnxruntime's, nor functions of the model. */
  readonly unknownDomains: readonly string[];
  /** Stored tensors of floating point, by name: the weights of a network brought from elsewhere. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Stored tensors of the other types, without their values. */
  readonly otherTensors: ReadonlyMap<string, { readonly shape: Shape; readonly dataType: string }>;
}

/**
 * Reads an ONNX model (a ModelProto; onnx.proto, IR 13) as what it is, bytes from outside: nothing outside
 * them is read, nothing larger than they are is allocated, messages nest to a bound, and no path in them is
 * followed: a tensor with values in another file, anywhere in the model, is refused, and so is a node whose
 * kernel is loaded from one (`EPContext`). Throws `bad-model`, naming `path`.
 *
 * It is stricter than the protobuf library, so that no two readers can understand a model differently: a
 * field that is to be there once may not come again, and has its own wire type.
 */
export function readOnnx(bytes: Uint8Array, path?: string): OnnxModel {
  try {
    return readModel(bytes);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw refusal(error.message, path);
  }
}

/**
 * Reads a model and refuses what onnxruntime should not be given: to be called before a session is opened on
 * bytes that this project did not make. Throws `bad-model`.
 */
export function checkOnnx(bytes: Uint8Array, path?: string): OnnxModel {
  const model = readOnnx(bytes, path);
  if (model.unknownDomains.length > 0) {
    throw refusal(`it has operators of unknown domains (${model.unknownDomains.join(', ')})`, path);
  }
  if (model.outputs.length === 0) throw refusal('it has no outputs', path);
  return model;
}

function refusal(what: string, path: string | undefined): TandemError {
  return new TandemError('bad-model', `This is no ONNX model that can be read: ${what}`, {
    path,
    hint: 'Export the model again, with its weights in the same file.',
  });
}

/** Domains whose operators onnxruntime has. */
const KNOWN_DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/** Of everything that is listed: as an object, what has a few bytes in the file takes many times them. */
const MOST_LISTED = 65_536;
const MOST_AXES = 16;

/** What is gathered on the way through the model. */
class Contents {
  readonly operators = new Map<string, number>();
  readonly domains = new Map<string, Set<string>>();
  readonly functions = new Set<string>();
  readonly initializers = new Map<string, StoredTensor>();
  readonly inputs: OnnxValueInfo[] = [];
  readonly outputs: OnnxValueInfo[] = [];
}

function readModel(bytes: Uint8Array): OnnxModel {
  // onnxruntime takes bytes with this mark for its own format, whatever else they may be.
  if (String.fromCharCode(...bytes.subarray(4, 8)) === 'ORTM') {
    throw new ProtobufError('it is in onnxruntime’s own format');
  }
  const contents = new Contents();
  const opsets = new Map<string, number>();
  const reader = new ProtobufReader(bytes, MODEL);
  let irVersion = 0;
  let producer = '';
  let graphs = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        irVersion = reader.once().int();
        break;
      case 2:
        producer = reader.once().string();
        break;
      case 7:
        readGraph(reader.once().message(), contents, true);
        graphs++;
        break;
      case 8:
        readOpset(reader.message(), opsets);
        break;
      case 20:
        readTrainingInfo(reader.message(), contents);
        break;
      case 25:
        readFunction(reader.message(), contents);
        break;
      default:
        reader.skip();
    }
  }
  if (irVersion < 1 || graphs === 0) throw new ProtobufError('it has no version or no graph');
  if (opsets.size === 0) throw new ProtobufError('it does not say which operators it uses');
  return modelOf(contents, { irVersion, producer, opsets });
}

function modelOf(contents: Contents, head: Pick<OnnxModel, 'irVersion' | 'producer' | 'opsets'>): OnnxModel {
  const { initializers, functions, inputs, outputs, operators } = contents;
  const tensors = new Map<string, NamedTensor>();
  const otherTensors = new Map<string, { shape: Shape; dataType: string }>();
  for (const [name, { shape, dataType, data }] of initializers) {
    if (data === undefined) otherTensors.set(name, { shape, dataType });
    else tensors.set(name, { shape, data });
  }
  const unknownDomains = [...contents.domains].flatMap(([domain, names]) => {
    const own = [...names].every((name) => functions.has(qualified(domain, name)));
    return KNOWN_DOMAINS.has(domain) || own ? [] : [domain];
  });
  return {
    ...head,
    inputs: inputs.filter(({ name }) => !initializers.has(name)),
    outputs,
    operators,
    functions: [...functions],
    unknownDomains,
    tensors,
    otherTensors,
  };
}

function readOpset(reader: ProtobufReader, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  while (reader.next()) {
    if (reader.field === 1) domain = reader.once().string();
    else if (reader.field === 2) version = reader.once().int();
    else reader.skip();
  }
  if (opsets.has(domain)) throw new ProtobufError('it names the version of a domain twice');
  opsets.set(domain, version);
  checkListed(opsets.size);
}

/** @param main whether it is the model's own graph, whose inputs, outputs and tensors are wanted; else a body */
function readGraph(reader: ProtobufReader, contents: Contents, main: boolean): void {
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        readNode(reader.message(), contents);
        break;
      case 5:
        addInitializer(readTensor(reader.message(), main), contents, main);
        break;
      case 11:
      case 12: {
        const values = reader.field === 11 ? contents.inputs : contents.outputs;
        const value = readValueInfo(reader.message());
        if (main) values.push(value);
        checkListed(values.length);
        break;
      }
      case 15:
        throw sparse();
      default:
        reader.skip();
    }
  }
}

function addInitializer(tensor: StoredTensor, { initializers }: Contents, main: boolean): void {
  if (!main) return;
  if (tensor.name === '') throw new ProtobufError('a stored tensor has no name');
  if (initializers.has(tensor.name)) throw new ProtobufError('two stored tensors have the same name');
  initializers.set(tensor.name, tensor);
  checkListed(initializers.size);
}

function checkListed(count: number): void {
  if (count > MOST_LISTED) throw new ProtobufError(`it lists more than ${MOST_LISTED} things of a kind`);
}

function readNode(reader: ProtobufReader, contents: Contents): void {
  let operator = '';
  let domain = '';
  while (reader.next()) {
    if (reader.field === 4) operator = reader.once().string();
    else if (reader.field === 7) domain = reader.once().string();
    else if (reader.field === 5) readAttribute(reader.message(), contents);
    else reader.skip();
  }
  if (operator === '') throw new ProtobufError('a node has no operator');
  if (operator === 'EPContext') throw new ProtobufError('a node is loaded from another file');
  const name = qualified(domain, operator);
  contents.operators.set(name, (contents.operators.get(name) ?? 0) + 1);
  const names = contents.domains.get(domain) ?? new Set();
  contents.domains.set(domain, names.add(operator));
  checkListed(contents.operators.size);
}

/** `domain.operator`, the standard domain left out. */
function qualified(domain: string, operator: string): string {
  return domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
}

function readAttribute(reader: ProtobufReader, contents: Contents): void {
  while (reader.next()) {
    switch (reader.field) {
      case 5:
        readTensor(reader.once().message(), false);
        break;
      case 10:
        readTensor(reader.message(), false);
        break;
      case 6:
        readGraph(reader.once().message(), contents, false);
        break;
      case 11:
        readGraph(reader.message(), contents, false);
        break;
      case 22:
      case 23:
        throw sparse();
      default:
        reader.skip();
    }
  }
}

/** onnxruntime makes it dense, whatever size it claims to have. */
function sparse(): ProtobufError {
  return new ProtobufError('it has a sparse tensor, which is not read here');
}

function readTrainingInfo(reader: ProtobufReader, contents: Contents): void {
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) readGraph(reader.once().message(), contents, false);
    else reader.skip();
  }
}

function readFunction(reader: ProtobufReader, contents: Contents): void {
  let name = '';
  let domain = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.once().string();
    else if (reader.field === 10) domain = reader.once().string();
    else if (reader.field === 7) readNode(reader.message(), contents);
    else if (reader.field === 11) readAttribute(reader.message(), contents);
    else reader.skip();
  }
  contents.functions.add(qualified(domain, name));
  checkListed(contents.functions.size);
}

function readValueInfo(reader: ProtobufReader): OnnxValueInfo {
  let name = '';
  let shape: readonly (number | string)[] = [];
  while (reader.next()) {
    if (reader.field === 1) name = reader.once().string();
    else if (reader.field === 2) shape = readType(reader.once().message());
    else reader.skip();
  }
  return { name, shape };
}

/** The shape of a TypeProto's tensor; what is no tensor (sequences, maps) has none. */
function readType(reader: ProtobufReader): readonly (number | string)[] {
  const shape: (number | string)[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const tensor = reader.once().message();
    while (tensor.next()) {
      if (tensor.field !== 2) {
        tensor.skip();
        continue;
      }
      const sizes = tensor.once().message();
      while (sizes.next()) {
        if (sizes.field === 1) shape.push(readSize(sizes.message()));
        else sizes.skip();
        if (shape.length > MOST_AXES) throw new ProtobufError('a shape has too many sizes');
      }
    }
  }
  return shape;
}

function readSize(reader: ProtobufReader): number | string {
  let size: number | string = '?';
  while (reader.next()) {
    if (reader.field === 1) size = reader.int();
    else if (reader.field === 2) size = reader.string();
    else reader.skip();
  }
  if (typeof size === 'number' && size < 0) throw new ProtobufError('a shape has impossible sizes');
  return size;
}
