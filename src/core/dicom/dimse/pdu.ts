import {
  type AssociateAccept,
  type AssociateRequest,
  decodeAssociateAccept,
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateRequest,
} from './associate.ts';
import { ByteReader, joinBytes, protocolError, uint32 } from './bytes.ts';

/** The protocol data units of the upper layer (PS3.8, section 9.3). */

/** A fragment of one message: command or data set. Its bytes lie in the PDU, not copied. */
export interface DataValue {
  readonly contextId: number;
  readonly isCommand: boolean;
  readonly isLast: boolean;
  readonly bytes: Uint8Array;
}

/** Why an association was refused: who (1 user, 2 and 3 provider), for how long (1 for good, 2 for now), why. */
export interface Rejection {
  readonly result: number;
  readonly source: number;
  readonly reason: number;
}

export type Pdu =
  | { readonly type: 'associate-request'; readonly request: AssociateRequest }
  | { readonly type: 'associate-accept'; readonly accept: AssociateAccept }
  | { readonly type: 'associate-reject'; readonly rejection: Rejection }
  | { readonly type: 'data'; readonly values: readonly DataValue[] }
  | { readonly type: 'release-request' }
  | { readonly type: 'release-reply' }
  | { readonly type: 'abort'; readonly source: number; readonly reason: number };

const TYPE = {
  associateRequest: 1,
  associateAccept: 2,
  associateReject: 3,
  data: 4,
  releaseRequest: 5,
  releaseReply: 6,
  abort: 7,
} as const;

const HEADER_BYTES = 6;
/** 128 contexts of 256 syntaxes of 64 letters would be 2 MB; real requests are below 64 kB. */
const MAX_ASSOCIATE_BYTES = 1 << 20;
const SHORT_PDU_BYTES = 4;
/** Context identifier and control header of a presentation data value, after its length. */
const VALUE_HEADER_BYTES = 2;
/** PDU and value header in front of one fragment. */
export const FRAGMENT_HEADER_BYTES = HEADER_BYTES + 4 + VALUE_HEADER_BYTES;

export function encodePdu(pdu: Exclude<Pdu, { type: 'data' }>): Uint8Array {
  switch (pdu.type) {
    case 'associate-request':
      return withHeader(TYPE.associateRequest, encodeAssociateRequest(pdu.request));
    case 'associate-accept':
      return withHeader(TYPE.associateAccept, encodeAssociateAccept(pdu.accept));
    case 'associate-reject': {
      const { result, source, reason } = pdu.rejection;
      return withHeader(TYPE.associateReject, Uint8Array.of(0, result, source, reason));
    }
    case 'release-request':
      return withHeader(TYPE.releaseRequest, new Uint8Array(4));
    case 'release-reply':
      return withHeader(TYPE.releaseReply, new Uint8Array(4));
    case 'abort':
      return withHeader(TYPE.abort, Uint8Array.of(0, 0, pdu.source, pdu.reason));
  }
}

function withHeader(type: number, body: Uint8Array): Uint8Array {
  return joinBytes([Uint8Array.of(type, 0), uint32(body.length), body]);
}

/** What stands before the bytes of one fragment, sent in a P-DATA-TF of its own. */
export function fragmentHeader(value: Omit<DataValue, 'bytes'>, length: number): Uint8Array {
  const control = (value.isCommand ? 1 : 0) | (value.isLast ? 2 : 0);
  return joinBytes([
    Uint8Array.of(TYPE.data, 0),
    uint32(length + 4 + VALUE_HEADER_BYTES),
    uint32(length + VALUE_HEADER_BYTES),
    Uint8Array.of(value.contextId, control),
  ]);
}

/** The most bytes of a fragment that a peer takes in one P-DATA-TF; even, as fragments have to be. */
export function fragmentBytes(maxPduLength: number): number {
  const room = maxPduLength - 4 - VALUE_HEADER_BYTES;
  return room - (room % 2);
}

/**
 * Cuts a stream of bytes into PDUs. Holds at most one PDU and what came with its end; a PDU longer than
 * agreed is refused by its header, before its bytes are taken.
 */
export class PduSplitter {
  readonly #maxDataBytes: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** @param maxDataBytes the longest P-DATA-TF that was announced to the peer */
  constructor(maxDataBytes: number) {
    this.#maxDataBytes = maxDataBytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * The next whole PDU, or undefined where more bytes are needed. What was returned before stays valid.
   * @throws TandemError `network-failed`
   */
  next(): Pdu | undefined {
    if (this.#length < HEADER_BYTES) return undefined;
    const header = this.#peek(HEADER_BYTES);
    const type = header[0]!;
    const length = new ByteReader(header.subarray(2)).uint32();
    if (length > this.#limit(type)) throw protocolError('a message is longer than was agreed');
    if (this.#length < HEADER_BYTES + length) return undefined;
    const body = this.#peek(HEADER_BYTES + length).subarray(HEADER_BYTES);
    this.#drop(HEADER_BYTES + length);
    return decodeBody(type, body);
  }

  #limit(type: number): number {
    if (type === TYPE.data) return this.#maxDataBytes;
    if (type === TYPE.associateRequest || type === TYPE.associateAccept) return MAX_ASSOCIATE_BYTES;
    if (type >= TYPE.associateReject && type <= TYPE.abort) return SHORT_PDU_BYTES;
    throw protocolError(`there is no message of type ${type}`);
  }

  /** The first bytes in one piece; joins chunks only where they do not lie in the first one. */
  #peek(count: number): Uint8Array {
    if (this.#chunks[0]!.length < count) this.#chunks = [joinBytes(this.#chunks)];
    return this.#chunks[0]!.subarray(0, count);
  }

  #drop(count: number): void {
    const rest = this.#chunks[0]!.subarray(count);
    this.#length -= count;
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
  }
}

function decodeBody(type: number, body: Uint8Array): Pdu {
  switch (type) {
    case TYPE.associateRequest:
      return { type: 'associate-request', request: decodeAssociateRequest(body) };
    case TYPE.associateAccept:
      return { type: 'associate-accept', accept: decodeAssociateAccept(body) };
    case TYPE.associateReject: {
      const reader = new ByteReader(body);
      reader.skip(1);
      const rejection = { result: reader.uint8(), source: reader.uint8(), reason: reader.uint8() };
      return { type: 'associate-reject', rejection };
    }
    case TYPE.data:
      return { type: 'data', values: decodeValues(body) };
    case TYPE.releaseRequest:
      return { type: 'release-request' };
    case TYPE.releaseReply:
      return { type: 'release-reply' };
    default: {
      const reader = new ByteReader(body);
      reader.skip(2);
      return { type: 'abort', source: reader.uint8(), reason: reader.uint8() };
    }
  }
}

function decodeValues(body: Uint8Array): DataValue[] {
  const reader = new ByteReader(body);
  const values: DataValue[] = [];
  while (reader.left > 0) {
    const length = reader.uint32();
    if (length < VALUE_HEADER_BYTES) throw protocolError('a data value is too short');
    const contextId = reader.uint8();
    const control = reader.uint8();
    const bytes = reader.take(length - VALUE_HEADER_BYTES);
    values.push({ contextId, isCommand: (control & 1) !== 0, isLast: (control & 2) !== 0, bytes });
  }
  return values;
}
