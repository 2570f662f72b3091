import type { Random } from '../../../../src/core/random.ts';

/** One change, or a few, of the bytes of a file; the original stays as it is. */
export function mutateBytes(original: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let n = random.integer(4); n >= 0 && bytes.length > 0; n--) {
    const at = random.integer(bytes.length);
    const length = Math.min(1 + random.integer(random.integer(2) === 0 ? 4 : 200), bytes.length - at);
    switch (random.integer(7)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << random.integer(8));
        break;
      case 1:
        bytes[at] = random.integer(256);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3: // the longest varint there is, and longer
        bytes.fill(0xff, at, at + random.integer(12));
        break;
      case 4:
        bytes = joined([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 5: // twice
        bytes = joined([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      default:
        bytes.copyWithin(random.integer(bytes.length), at, at + length);
    }
  }
  return bytes;
}

/** A field of a protocol buffer. What parses as a message is one. */
interface Field {
  number: bigint;
  wireType: number;
  value: bigint | Uint8Array | Field[];
  /** A length that is not the true one. */
  length?: bigint;
}

const INTERESTING = [
  0n,
  1n,
  2n,
  127n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/**
 * A change, or a few, of the structure of a protocol buffer: fields twice, gone, elsewhere, out of another
 * file, of another number or wire type, with values and lengths at the limits, deep in themselves.
 */
export function mutateProtobuf(original: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const root = parse(original, 0) ?? [];
  for (let n = random.integer(3); n >= 0; n--) {
    const messages = messagesIn(root);
    const message = pick(messages, random);
    const field = message[random.integer(Math.max(1, message.length))];
    if (field === undefined) continue;
    switch (random.integer(9)) {
      case 0:
        message.push(structuredClone(field));
        break;
      case 1:
        message.splice(message.indexOf(field), 1);
        break;
      case 2: {
        // Not into itself.
        const target = pick(messages, random);
        target.push(structuredClone(field));
        break;
      }
      case 3: {
        const foreign = pick(messagesIn(parse(other, 0) ?? []), random);
        const spliced = foreign[random.integer(Math.max(1, foreign.length))];
        if (spliced !== undefined) message.push(spliced);
        break;
      }
      case 4:
        field.number =
          random.integer(4) === 0 ? 2n ** BigInt(random.integer(40)) : BigInt(random.integer(27));
        break;
      case 5:
        field.wireType = random.integer(8);
        break;
      case 6:
        field.value = pick(INTERESTING, random);
        field.wireType = 0;
        break;
      case 7:
        field.length = random.integer(2) === 0 ? pick(INTERESTING, random) : BigInt(random.integer(300));
        break;
      default:
        if (Array.isArray(field.value)) nest(field, random);
    }
  }
  return encode(root);
}

/** Puts a message into itself, up to a thousand times. */
function nest(field: Field, random: Random): void {
  const inner = encodeField(field);
  let bytes = inner;
  const parts: Uint8Array[] = [];
  for (let depth = random.integer(1000); depth > 0 && bytes.length < 20_000; depth--) {
    const head = encode([{ ...field, value: bytes }]);
    bytes = head;
  }
  parts.push(bytes);
  field.value = joined(parts);
}

function messagesIn(message: Field[]): Field[][] {
  return [message, ...message.flatMap(({ value }) => (Array.isArray(value) ? messagesIn(value) : []))];
}

function parse(bytes: Uint8Array, depth: number): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    if (tag === undefined || tag.value < 8n) return undefined;
    const wireType = Number(tag.value & 7n);
    const number = tag.value >> 3n;
    at = tag.next;
    if (wireType === 0) {
      const value = varint(bytes, at);
      if (value === undefined) return undefined;
      fields.push({ number, wireType, value: value.value });
      at = value.next;
    } else if (wireType === 5 || wireType === 1) {
      const end = at + (wireType === 5 ? 4 : 8);
      if (end > bytes.length) return undefined;
      fields.push({ number, wireType, value: bytes.slice(at, end) });
      at = end;
    } else if (wireType === 2) {
      const length = varint(bytes, at);
      if (length === undefined || length.next + Number(length.value) > bytes.length) return undefined;
      const content = bytes.slice(length.next, length.next + Number(length.value));
      const message = content.length > 0 && depth < 20 ? parse(content, depth + 1) : undefined;
      fields.push({ number, wireType, value: message ?? content });
      at = length.next + Number(length.value);
    } else return undefined;
  }
  return fields;
}

function varint(bytes: Uint8Array, start: number): { value: bigint; next: number } | undefined {
  let value = 0n;
  for (let n = 0; n < 10; n++) {
    const byte = bytes[start + n];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) return { value, next: start + n + 1 };
  }
  return undefined;
}

function encode(fields: readonly Field[]): Uint8Array {
  return joined(fields.map(encodeField));
}

function encodeField({ number, wireType, value, length }: Field): Uint8Array {
  const tag = encodeVarint((number << 3n) | BigInt(wireType));
  if (typeof value === 'bigint') return joined([tag, encodeVarint(value)]);
  const content = Array.isArray(value) ? encode(value) : value;
  if (wireType !== 2 && length === undefined) return joined([tag, content]);
  return joined([tag, encodeVarint(length ?? BigInt(content.length)), content]);
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1,
  0.5,
  4,
  2 ** 31,
  2 ** 53,
  1e300,
  'F32',
  'F64',
  'BF16',
  'F16',
  'I64',
  'constructor',
  '',
  [],
  [0],
  [1e9, 1e9],
  [-1],
  {},
  [[1]],
  { __proto__: null },
];
const NAMES = [
  '__proto__',
  'constructor',
  '__metadata__',
  'dtype',
  'shape',
  'data_offsets',
  '',
  'a',
  '\u0000',
];

/** A safetensors file whose header's JSON has been changed here and there: values, names, entries twice. */
export function mutateHeader(original: Uint8Array, random: Random): Uint8Array {
  const length = Number(new DataView(original.buffer, original.byteOffset).getBigUint64(0, true));
  const data = original.subarray(8 + length);
  const header = JSON.parse(new TextDecoder().decode(original.subarray(8, 8 + length))) as JsonObject;
  let text = '';
  for (let n = random.integer(3); n >= 0; n--) {
    const objects = objectsIn(header);
    const object = pick(objects, random);
    const names = Object.keys(object);
    const name = names[random.integer(Math.max(1, names.length))];
    if (name === undefined) continue;
    switch (random.integer(7)) {
      case 0:
        define(object, name, structuredClone(pick(VALUES, random)));
        break;
      case 1:
        define(object, pick(NAMES, random), structuredClone(pick(VALUES, random)));
        break;
      case 2:
        delete object[name];
        break;
      case 3:
        define(object, pick(NAMES, random), structuredClone(object[name]));
        break;
      case 4: {
        const numbers = Object.values(object).filter(Array.isArray) as unknown[][];
        const array = numbers[random.integer(Math.max(1, numbers.length))];
        array?.splice(random.integer(3), random.integer(2), pick(VALUES, random));
        break;
      }
      case 5: {
        const numbers = Object.values(object).filter(Array.isArray) as unknown[][];
        const array = numbers[random.integer(Math.max(1, numbers.length))];
        const at = random.integer(2);
        if (array !== undefined && typeof array[at] === 'number') array[at] += random.integer(9) - 4;
        break;
      }
      default: {
        // The same name twice, which no object can have: as text.
        const entry = JSON.stringify(header[name] ?? 1);
        text = `{${JSON.stringify(name)}:${entry},${JSON.stringify(header).slice(1)}`;
      }
    }
  }
  const json = new TextEncoder().encode(text === '' ? JSON.stringify(header) : text);
  const lie = random.integer(20) === 0 ? random.integer(2 * json.length) : json.length;
  const head = new Uint8Array(8);
  new DataView(head.buffer).setBigUint64(0, BigInt(lie), true);
  return joined([
    head,
    json,
    data.subarray(0, random.integer(10) === 0 ? random.integer(data.length) : undefined),
  ]);
}

type JsonObject = Record<string, unknown>;

function objectsIn(value: JsonObject): JsonObject[] {
  const inner = Object.values(value).filter(
    (one): one is JsonObject => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
  return [value, ...inner.flatMap(objectsIn)];
}

/** A property of its own, `__proto__` among them. */
function define(object: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[random.integer(list.length)]!;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
