import { bfloat16, float16 } from '../halfPrecision.ts';
import type { Shape } from '../shape.ts';
import { eachVarint, ProtobufError, type ProtobufReader } from './protobufReader.ts';

/** A tensor stored in a model. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
  /** As TensorProto.DataType names it. */
  readonly dataType: string;
  /** The values of FLOAT, DOUBLE, FLOAT16 and BFLOAT16, as float32; undefined for the other types. */
  readonly data: Float32Array | undefined;
}

interface StoredType {
  readonly name: string;
  readonly bits: number;
  /** Field of TensorProto that holds the values where `raw_data` does not. */
  readonly field: 'float_data' | 'double_data' | 'int32_data' | 'int64_data' | 'uint64_data';
  /** One value of a float type: in raw data, and (double bytes or an integer) in the field. */
  readonly read?: (view: DataView, offset: number) => number;
}

const int32 = (name: string, bits: number): StoredType => ({ name, bits, field: 'int32_data' });

/** TensorProto.DataType (onnx.proto, IR 13) but STRING, COMPLEX64 and COMPLEX128, which no image network needs. */
const TYPES: ReadonlyMap<number, StoredType> = new Map([
  [1, { name: 'FLOAT', bits: 32, field: 'float_data', read: (view, at) => view.getFloat32(at, true) }],
  [2, int32('UINT8', 8)],
  [3, int32('INT8', 8)],
  [4, int32('UINT16', 16)],
  [5, int32('INT16', 16)],
  [6, int32('INT32', 32)],
  [7, { name: 'INT64', bits: 64, field: 'int64_data' }],
  [9, int32('BOOL', 8)],
  [10, { ...int32('FLOAT16', 16), read: (view, at) => float16(view.getUint16(at, true)) }],
  [11, { name: 'DOUBLE', bits: 64, field: 'double_data', read: (view, at) => view.getFloat64(at, true) }],
  [12, { name: 'UINT32', bits: 32, field: 'uint64_data' }],
  [13, { name: 'UINT64', bits: 64, field: 'uint64_data' }],
  [16, { ...int32('BFLOAT16', 16), read: (view, at) => bfloat16(view.getUint16(at, true)) }],
  [17, int32('FLOAT8E4M3FN', 8)],
  [18, int32('FLOAT8E4M3FNUZ', 8)],
  [19, int32('FLOAT8E5M2', 8)],
  [20, int32('FLOAT8E5M2FNUZ', 8)],
  [21, int32('UINT4', 4)],
  [22, int32('INT4', 4)],
  [23, int32('FLOAT4E2M1', 4)],
  [24, int32('FLOAT8E8M0', 8)],
]);

const MOST_AXES = 16;

/**
 * Reads a TensorProto. Its shape must fill exactly the bytes that are there, before anything is allocated for
 * them; values in another file are refused. Throws `ProtobufError`.
 *
 * @param keep whether values are wanted; they are checked all the same
 */
export function readTensor(reader: ProtobufReader, keep: boolean): StoredTensor {
  const shape: number[] = [];
  const fields = new Map<StoredType['field'] | 'raw_data', Uint8Array>();
  let type = 0;
  let name = '';
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.ints((size) => {
          if (size < 0 || shape.length === MOST_AXES) throw new ProtobufError('a shape has impossible sizes');
          shape.push(size);
        });
        break;
      case 2:
        type = reader.once().int();
        break;
      case 3:
        throw new ProtobufError('a tensor is stored in segments');
      case 4:
      case 5:
      case 7:
      case 9:
      case 10:
      case 11:
        fields.set(VALUE_FIELDS[reader.field]!, reader.once().bytes());
        break;
      case 8:
        name = reader.once().string();
        break;
      case 13:
        throw new ProtobufError('a tensor keeps its values in another file, which is never opened');
      case 14:
        if (reader.once().int() !== 0) {
          throw new ProtobufError('a tensor keeps its values in another file, which is never opened');
        }
        break;
      default:
        reader.skip();
    }
  }
  const stored = TYPES.get(type);
  if (stored === undefined) throw new ProtobufError(`a tensor has the type ${type}, which is not read here`);
  return { name, shape, dataType: stored.name, data: values(stored, countOf(shape), fields, keep) };
}

const VALUE_FIELDS: Readonly<Record<number, StoredType['field'] | 'raw_data'>> = {
  4: 'float_data',
  5: 'int32_data',
  7: 'int64_data',
  9: 'raw_data',
  10: 'double_data',
  11: 'uint64_data',
};

function countOf(shape: Shape): number {
  if (shape.includes(0)) return 0;
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count)) throw new ProtobufError('a shape has impossible sizes');
  return count;
}

function values(
  type: StoredType,
  count: number,
  fields: ReadonlyMap<string, Uint8Array>,
  keep: boolean,
): Float32Array | undefined {
  if (fields.size > 1) throw new ProtobufError('a tensor has its values twice');
  const [field = 'raw_data', bytes = new Uint8Array()] = [...fields][0] ?? [];
  const packedAsStored = field === 'raw_data' || field === 'float_data' || field === 'double_data';
  if (field !== 'raw_data' && field !== type.field) {
    throw new ProtobufError(`a tensor of the type ${type.name} has its values in ${field}`);
  }
  // Types of 4 bits lie two in a byte, and two in an element of int32_data.
  const expected = packedAsStored
    ? Math.ceil((count * type.bits) / 8)
    : Math.ceil(count / (type.bits < 8 ? 2 : 1));
  const found = packedAsStored ? bytes.length : varintsIn(bytes);
  if (found !== expected) throw new ProtobufError(`a shape of ${count} elements does not fill its values`);
  const { read } = type;
  if (read === undefined || !keep) return undefined;
  return packedAsStored ? fromBytes(bytes, count, type.bits / 8, read) : fromVarints(bytes, count, read);
}

function fromBytes(bytes: Uint8Array, count: number, size: number, read: NonNullable<StoredType['read']>) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Float32Array(count);
  for (let n = 0; n < count; n++) data[n] = read(view, n * size);
  return data;
}

/** The bits of 16-bit floats, each as an integer of its own. */
function fromVarints(bytes: Uint8Array, count: number, read: NonNullable<StoredType['read']>) {
  const view = new DataView(new ArrayBuffer(8));
  const data = new Float32Array(count);
  let n = 0;
  eachVarint(bytes, (bits) => {
    view.setBigUint64(0, bits, true);
    data[n++] = read(view, 0);
  });
  return data;
}

function varintsIn(bytes: Uint8Array): number {
  let count = 0;
  eachVarint(bytes, () => count++);
  return count;
}
