/** What is wrong with bytes that should be a protocol buffer. */
export class ProtobufError extends Error {}

/** Messages within messages: a model of ONNX with bodies within bodies stays far below. */
const DEEPEST = 100;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** What is known of a field: the wire types that it may have, and the fields of the message that it is. */
export interface FieldRule {
  readonly wireTypes: readonly number[];
  readonly message?: () => MessageFields;
}

/** The fields of a message by number. */
export type MessageFields = Readonly<Record<number, FieldRule>>;

/**
 * Reads a protocol buffer field by field (wire format: protobuf.dev/programming-guides/encoding) without
 * building anything: what is not asked for is skipped, strings and messages are views of the same bytes.
 * Nothing outside them is read. Every method throws `ProtobufError` where the bytes do not hold what is asked.
 */
export class ProtobufReader {
  /** Number of the field that `next` came to. */
  field = 0;
  #wireType = 0;
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fields: MessageFields;
  readonly #depth: number;
  readonly #singular = new Set<number>();

  /** @param fields those that are known: one with another wire type is an error, unknown ones can be skipped */
  constructor(bytes: Uint8Array, fields: MessageFields, depth = 0) {
    if (depth > DEEPEST) throw new ProtobufError(`messages lie more than ${DEEPEST} deep in each other`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fields = fields;
    this.#depth = depth;
  }

  /** Goes on to the next field, whose value must then be read or skipped; false at the end. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false;
    const tag = this.#varint();
    if (tag > 0xffffffffn) throw new ProtobufError(`there is no field ${tag >> 3n}`);
    this.field = Number(tag >> 3n);
    this.#wireType = Number(tag & 7n);
    if (this.field === 0) throw new ProtobufError('there is no field 0');
    if (this.#fields[this.field]?.wireTypes.includes(this.#wireType) === false) throw this.#wrongType();
    return true;
  }

  /** Says that the field that `next` came to may be there once. (A second one would replace, or be merged.) */
  once(): this {
    if (this.#singular.has(this.field)) throw new ProtobufError(`field ${this.field} is there twice`);
    this.#singular.add(this.field);
    return this;
  }

  /** Checks that the value is there and well formed: messages, and numbers that lie packed. */
  skip(): void {
    const rule = this.#fields[this.field];
    if (rule?.message !== undefined) {
      for (const message = this.message(); message.next(); ) message.skip();
    } else if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#take(8);
    else if (this.#wireType === FIXED32) this.#take(4);
    else {
      const bytes = this.bytes();
      if (rule?.wireTypes.includes(VARINT)) eachVarint(bytes, () => {});
      if (rule?.wireTypes.includes(FIXED32) && bytes.length % 4 !== 0) {
        throw new ProtobufError(`${bytes.length} bytes are no numbers of four`);
      }
    }
  }

  /** A signed integer that a double holds exactly. */
  int(): number {
    this.#expect(VARINT);
    return safeInteger(this.#varint());
  }

  bytes(): Uint8Array {
    this.#expect(DELIMITED);
    const length = this.#varint();
    if (length > BigInt(this.#bytes.length)) throw new ProtobufError(`${length} bytes are not there`);
    return this.#take(Number(length));
  }

  string(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes());
    } catch (error) {
      if (error instanceof ProtobufError) throw error;
      throw new ProtobufError('a text is not UTF-8');
    }
  }

  message(): ProtobufReader {
    const fields = this.#fields[this.field]?.message?.() ?? {};
    return new ProtobufReader(this.bytes(), fields, this.#depth + 1);
  }

  /** Each integer of a repeated field: the one that is here, or those packed here. */
  ints(use: (value: number) => void): void {
    if (this.#wireType === VARINT) use(this.int());
    else eachVarint(this.bytes(), (value) => use(safeInteger(value)));
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw this.#wrongType();
  }

  #wrongType(): ProtobufError {
    return new ProtobufError(`field ${this.field} cannot have the wire type ${this.#wireType}`);
  }

  #varint(): bigint {
    const { value, next } = varintAt(this.#bytes, this.#at);
    this.#at = next;
    return value;
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new ProtobufError(`${length} bytes are not there`);
    this.#at += length;
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length);
  }
}

/** Every varint of bytes that hold nothing else. Throws `ProtobufError`. */
export function eachVarint(bytes: Uint8Array, use: (value: bigint) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const { value, next } = varintAt(bytes, at);
    use(value);
    at = next;
  }
}

/** An unsigned varint of at most 64 bits. */
function varintAt(bytes: Uint8Array, start: number): { value: bigint; next: number } {
  // Most fit in 28 bits, where no big integer is needed.
  let small = 0;
  for (let n = 0; n < 4; n++) {
    const byte = byteAt(bytes, start + n);
    small |= (byte & 0x7f) << (7 * n);
    if (byte < 0x80) return { value: BigInt(small), next: start + n + 1 };
  }
  let value = BigInt(small);
  for (let n = 4; n < 10; n++) {
    const byte = byteAt(bytes, start + n);
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) {
      if (value >= 1n << 64n) break;
      return { value, next: start + n + 1 };
    }
  }
  throw new ProtobufError('a number has more than 64 bits');
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new ProtobufError('the bytes end within a number');
  return byte;
}

function safeInteger(value: bigint): number {
  const signed = Number(BigInt.asIntN(64, value));
  if (!Number.isSafeInteger(signed)) throw new ProtobufError('a number is too large');
  return signed;
}
