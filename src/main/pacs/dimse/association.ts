import type { Socket } from 'node:net';
import { joinBytes, protocolError } from '../../../core/dicom/dimse/bytes.ts';
import {
  type Command,
  decodeCommand,
  encodeCommand,
  MAX_COMMAND_BYTES,
} from '../../../core/dicom/dimse/command.ts';
import {
  type DataValue,
  encodePdu,
  FRAGMENT_HEADER_BYTES,
  fragmentBytes,
  fragmentHeader,
  type Pdu,
  PduSplitter,
} from '../../../core/dicom/dimse/pdu.ts';
import { type TandemError, throwIfCancelled } from '../../../core/errors.ts';
import { connectionLost, networkError, timedOut } from '../networkErrors.ts';

/** The longest P-DATA-TF taken, as announced to every peer. */
export const MAX_PDU_BYTES = 131_072;
/** A peer that takes less cannot be served: no command would fit. */
const SMALLEST_PDU_BYTES = 256;

export type ByteSource = AsyncIterable<Uint8Array>;

/** A command and, where it has one, its data set: to be read to its end before the next message. */
export interface Message {
  readonly contextId: number;
  readonly command: Command;
  readonly dataSet: ByteSource | undefined;
}

interface Options {
  /** For the errors' words: `host:port`. */
  readonly peer: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * A connection that speaks the upper layer (PS3.8): PDUs and, once the association stands, messages. Nothing
 * is read from the socket before it is asked for, so a slow disk slows the sender down and memory stays at
 * one PDU in each direction.
 */
export class Association {
  readonly #socket: Socket;
  readonly #options: Options;
  readonly #splitter = new PduSplitter(MAX_PDU_BYTES);
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #values: DataValue[] = [];
  readonly #cancel = (): void => this.abort();
  #fragmentBytes = 0;
  #failure: Error | undefined;
  #readingDataSet = false;
  #closed = false;

  constructor(socket: Socket, options: Options) {
    this.#socket = socket;
    this.#options = options;
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    options.signal.addEventListener('abort', this.#cancel, { once: true });
  }

  get peer(): string {
    return this.#options.peer;
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** After negotiation: how long a P-DATA-TF the peer takes; 0 is no limit. */
  limitPdus(maxPduLength: number): void {
    const limit = maxPduLength === 0 ? MAX_PDU_BYTES : Math.min(maxPduLength, MAX_PDU_BYTES);
    if (limit < SMALLEST_PDU_BYTES) throw protocolError(`it takes messages of ${limit} bytes only`);
    this.#fragmentBytes = fragmentBytes(limit);
  }

  /** The next PDU; undefined where the peer closed the connection between two of them. */
  async readPdu(timeoutMs = this.#options.timeoutMs): Promise<Pdu | undefined> {
    for (;;) {
      const pdu = this.#splitter.next();
      if (pdu !== undefined) return pdu;
      const chunk = await this.#nextChunk(timeoutMs);
      if (chunk === undefined) return undefined;
      this.#splitter.push(chunk);
    }
  }

  async #nextChunk(timeoutMs: number): Promise<Uint8Array | undefined> {
    const timer = setTimeout(() => this.#fail(timedOut(this.peer, timeoutMs)), timeoutMs);
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) this.#throwFailure();
      return done === true ? undefined : value;
    } catch (error) {
      throw this.#asError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async writePdu(pdu: Exclude<Pdu, { type: 'data' }>): Promise<void> {
    await this.#write(encodePdu(pdu));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#throwFailure();
    if (this.#socket.destroyed) throw this.#asError(connectionLost(this.peer));
    if (this.#socket.write(bytes)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const closed = (): void => reject(connectionLost(this.peer));
    const timer = setTimeout(() => {
      this.#fail(timedOut(this.peer, this.#options.timeoutMs));
    }, this.#options.timeoutMs);
    this.#socket.once('drain', resolve);
    this.#socket.once('close', closed);
    try {
      await promise;
    } catch (error) {
      throw this.#asError(error);
    } finally {
      clearTimeout(timer);
      this.#socket.off('drain', resolve);
      this.#socket.off('close', closed);
    }
  }

  /** Sends a command and its data set, cut to what the peer takes at once. */
  async send(contextId: number, command: Command, dataSet?: ByteSource): Promise<void> {
    await this.#sendFragments(contextId, true, bytesOf(encodeCommand(command)));
    if (dataSet !== undefined) await this.#sendFragments(contextId, false, dataSet);
  }

  async #sendFragments(contextId: number, isCommand: boolean, source: ByteSource): Promise<void> {
    const size = this.#fragmentBytes;
    let pdu = new Uint8Array(FRAGMENT_HEADER_BYTES + size);
    let filled = 0;
    const flush = async (isLast: boolean): Promise<void> => {
      pdu.set(fragmentHeader({ contextId, isCommand, isLast }, filled));
      await this.#write(pdu.subarray(0, FRAGMENT_HEADER_BYTES + filled));
      // The socket still holds what was written.
      pdu = new Uint8Array(FRAGMENT_HEADER_BYTES + size);
      filled = 0;
    };
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        if (filled === size) await flush(false);
        const part = chunk.subarray(at, at + size - filled);
        pdu.set(part, FRAGMENT_HEADER_BYTES + filled);
        filled += part.length;
        at += part.length;
      }
    }
    await flush(true);
  }

  /**
   * The next message; undefined where the peer releases the association (which is answered) or has closed it.
   * @throws TandemError `network-failed`
   */
  async receive(timeoutMs = this.#options.timeoutMs): Promise<Message | undefined> {
    if (this.#readingDataSet) throw new RangeError('The data set of the message before was not read.');
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const value = await this.#nextValue(timeoutMs, parts.length > 0);
      if (value === undefined) return undefined;
      if (!value.isCommand) throw protocolError('a data set comes without its command');
      parts.push(value.bytes);
      length += value.bytes.length;
      if (length > MAX_COMMAND_BYTES) throw protocolError('a command is too long');
      if (!value.isLast) continue;
      const command = decodeCommand(joinBytes(parts));
      return {
        contextId: value.contextId,
        command,
        dataSet: command.hasDataSet ? resumable(this.#dataSet(value.contextId)) : undefined,
      };
    }
  }

  async *#dataSet(contextId: number): AsyncGenerator<Uint8Array> {
    this.#readingDataSet = true;
    for (;;) {
      const value = await this.#nextValue(this.#options.timeoutMs, true);
      if (value === undefined) throw connectionLost(this.peer);
      if (value.isCommand || value.contextId !== contextId) {
        throw protocolError('a data set is broken off by another message');
      }
      if (value.bytes.length > 0) yield value.bytes;
      if (value.isLast) break;
    }
    this.#readingDataSet = false;
  }

  async #nextValue(timeoutMs: number, midway: boolean): Promise<DataValue | undefined> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) return value;
      const pdu = await this.readPdu(timeoutMs);
      if (pdu?.type === 'data') this.#values.push(...pdu.values);
      else if (pdu?.type === 'release-request' && !midway) {
        await this.writePdu({ type: 'release-reply' });
        this.close();
        return undefined;
      } else if (pdu === undefined) {
        if (midway) throw connectionLost(this.peer);
        return undefined;
      } else if (pdu.type === 'abort') throw connectionLost(this.peer, 'it broke the association off');
      else throw protocolError(`a message comes at the wrong time (${pdu.type})`);
    }
  }

  /** Ends the association in good order; what the peer says to it is waited for, not judged. */
  async release(): Promise<void> {
    try {
      await this.writePdu({ type: 'release-request' });
      await this.readPdu(Math.min(this.#options.timeoutMs, 5000));
    } catch {
      // Everything that counted was confirmed before.
    } finally {
      this.close();
    }
  }

  /** Breaks the association off: the peer is told, nothing is waited for. */
  abort(): void {
    if (this.#closed) return;
    if (!this.#socket.destroyed) {
      this.#socket.end(encodePdu({ type: 'abort', source: 0, reason: 0 }));
      this.#failure ??= connectionLost(this.peer);
    }
    this.close();
  }

  close(): void {
    this.#closed = true;
    this.#options.signal.removeEventListener('abort', this.#cancel);
    // What was written last must get out before the connection goes.
    if (!this.#socket.destroyed) {
      this.#socket.end();
      this.#socket.destroySoon();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy(error);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#asError(this.#failure);
  }

  #asError(error: unknown): TandemError {
    throwIfCancelled(this.#options.signal);
    return networkError(this.#failure ?? error, this.peer);
  }
}

/** A reader that stops midway does not end the source: what is left can be read, and passed over, later. */
function resumable(source: AsyncGenerator<Uint8Array>): ByteSource {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}

/** Bytes that lie in memory, as a source. */
export async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** All of a data set that is known to be short. @throws TandemError `network-failed` beyond `limit` bytes */
export async function collect(source: ByteSource, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    length += part.length;
    if (length > limit) throw protocolError(`a data set is longer than ${limit >> 10} kB`);
    parts.push(part);
  }
  return joinBytes(parts);
}
