import { ascii, joinBytes, protocolError } from './bytes.ts';

/** Command sets (PS3.7, sections 6.3 and 9.3, annex E): group 0000, implicit VR little endian. */

export const FIELD = {
  storeRequest: 0x0001,
  storeResponse: 0x8001,
  getRequest: 0x0010,
  getResponse: 0x8010,
  findRequest: 0x0020,
  findResponse: 0x8020,
  moveRequest: 0x0021,
  moveResponse: 0x8021,
  echoRequest: 0x0030,
  echoResponse: 0x8030,
  cancelRequest: 0x0fff,
} as const;

/** Bit of a command field that tells a response. */
const RESPONSE = 0x8000;
const NO_DATA_SET = 0x0101;
const SOME_DATA_SET = 0x0001;

export interface Command {
  /** One of `FIELD`. */
  readonly field: number;
  readonly hasDataSet: boolean;
  readonly affectedSopClassUid?: string | undefined;
  readonly messageId?: number | undefined;
  readonly messageIdRespondedTo?: number | undefined;
  readonly moveDestination?: string | undefined;
  readonly priority?: number | undefined;
  readonly status?: number | undefined;
  readonly errorComment?: string | undefined;
  readonly affectedSopInstanceUid?: string | undefined;
  readonly remaining?: number | undefined;
  readonly completed?: number | undefined;
  readonly failed?: number | undefined;
  readonly warnings?: number | undefined;
  readonly moveOriginatorAeTitle?: string | undefined;
  readonly moveOriginatorMessageId?: number | undefined;
}

type Kind = 'US' | 'UI' | 'text';
type Key = Exclude<keyof Command, 'hasDataSet'>;

/** Element number in group 0000, name and kind, ascending. */
const ELEMENTS: readonly (readonly [number, Key, Kind])[] = [
  [0x0002, 'affectedSopClassUid', 'UI'],
  [0x0100, 'field', 'US'],
  [0x0110, 'messageId', 'US'],
  [0x0120, 'messageIdRespondedTo', 'US'],
  [0x0600, 'moveDestination', 'text'],
  [0x0700, 'priority', 'US'],
  [0x0900, 'status', 'US'],
  [0x0902, 'errorComment', 'text'],
  [0x1000, 'affectedSopInstanceUid', 'UI'],
  [0x1020, 'remaining', 'US'],
  [0x1021, 'completed', 'US'],
  [0x1022, 'failed', 'US'],
  [0x1023, 'warnings', 'US'],
  [0x1030, 'moveOriginatorAeTitle', 'text'],
  [0x1031, 'moveOriginatorMessageId', 'US'],
];
const COMMAND_DATA_SET_TYPE = 0x0800;

/** Longest command set taken: real ones have a few hundred bytes. */
export const MAX_COMMAND_BYTES = 16_384;

export function isResponse(command: Command): boolean {
  return (command.field & RESPONSE) !== 0;
}

export function encodeCommand(command: Command): Uint8Array {
  const elements: [number, Uint8Array][] = ELEMENTS.flatMap(([element, key, kind]) => {
    const value = command[key];
    return value === undefined ? [] : [[element, valueBytes(value, kind)] as [number, Uint8Array]];
  });
  elements.push([COMMAND_DATA_SET_TYPE, us(command.hasDataSet ? SOME_DATA_SET : NO_DATA_SET)]);
  elements.sort(([a], [b]) => a - b);
  const body = joinBytes(elements.map(([element, value]) => encodeElement(element, value)));
  return joinBytes([encodeElement(0, ul(body.length)), body]);
}

function valueBytes(value: string | number, kind: Kind): Uint8Array {
  if (typeof value === 'number') return us(value);
  const bytes = ascii(value);
  if (bytes.length % 2 === 0) return bytes;
  return joinBytes([bytes, Uint8Array.of(kind === 'UI' ? 0 : 0x20)]);
}

const us = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >>> 8);
const ul = (value: number): Uint8Array =>
  Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);

function encodeElement(element: number, value: Uint8Array): Uint8Array {
  return joinBytes([us(0), us(element), ul(value.length), value]);
}

/**
 * Reads a command set; elements that nothing here uses are passed over.
 * @throws TandemError `network-failed` where the bytes are none
 */
export function decodeCommand(bytes: Uint8Array): Command {
  const values = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw protocolError('a command ends in the middle of an element');
    const length = view.getUint32(at + 4, true);
    if (view.getUint16(at, true) !== 0) throw protocolError('a command holds what belongs in a data set');
    if (length > bytes.length - at - 8) throw protocolError('a command is cut short');
    values.set(view.getUint16(at + 2, true), bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const decoded: { -readonly [K in Key]?: string | number } = {};
  for (const [element, key, kind] of ELEMENTS) {
    const value = values.get(element);
    if (value !== undefined && value.length > 0) decoded[key] = decodeValue(value, kind);
  }
  const type = values.get(COMMAND_DATA_SET_TYPE);
  if (decoded.field === undefined || type === undefined) throw protocolError('a command says not what it is');
  return { ...decoded, hasDataSet: decodeValue(type, 'US') !== NO_DATA_SET } as Command;
}

function decodeValue(value: Uint8Array, kind: Kind): string | number {
  if (kind === 'US') {
    if (value.length !== 2) throw protocolError('a number in a command has not two bytes');
    return value[0]! | (value[1]! << 8);
  }
  return String.fromCharCode(...value.subarray(0, 256)).replaceAll(/^[\0 ]+|[\0 ]+$/g, '');
}
