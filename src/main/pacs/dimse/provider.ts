import { createServer as createPlain, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import type { TlsFiles } from '../../../core/contract/pacs.ts';
import type { AnsweredContext, AssociateRequest } from '../../../core/dicom/dimse/associate.ts';
import { FIELD, isResponse } from '../../../core/dicom/dimse/command.ts';
import type { Rejection } from '../../../core/dicom/dimse/pdu.ts';
import { REJECTED, SUCCESS, UNRECOGNISED_OPERATION } from '../../../core/dicom/dimse/status.ts';
import { QUERY_SYNTAXES, STORED_SYNTAXES } from '../../../core/dicom/dimse/syntaxes.ts';
import { isStorageClass, VERIFICATION } from '../../../core/dicom/dimse/uids.ts';
import { IMPLICIT_LITTLE_ENDIAN } from '../../../core/dicom/transferSyntax.ts';
import { TandemError, toErrorData } from '../../../core/errors.ts';
import { networkError } from '../networkErrors.ts';
import { readTlsFiles } from '../tlsFiles.ts';
import { Association, MAX_PDU_BYTES, type Message } from './association.ts';
import { type Taken, takeStore } from './takeStore.ts';

export interface ProviderOptions {
  readonly folder: string;
  readonly port: number;
  readonly host?: string | undefined;
  readonly aeTitle: string;
  /** Calling AE titles that are let in; any where empty. */
  readonly allow: readonly string[];
  /** Addresses that are let in; any where absent. */
  readonly addresses?: readonly string[] | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly timeoutMs: number;
}

export interface ProviderEvents {
  readonly taken: (taken: Taken, callingAeTitle: string) => void;
  readonly associated: (callingAeTitle: string) => void;
  /** Turned away, or broken off; in words. */
  readonly troubled: (what: string, rejected: boolean) => void;
}

const MAX_ASSOCIATIONS = 16;

/** The storage provider: takes C-STORE and C-ECHO from whoever is allowed to call (PS3.4, annexes A and B). */
export class StorageProvider {
  readonly #options: ProviderOptions;
  readonly #events: ProviderEvents;
  readonly #server: Server;
  readonly #open = new Map<Association, Promise<void>>();
  readonly #ended = new AbortController();

  private constructor(options: ProviderOptions, events: ProviderEvents, server: Server) {
    this.#options = options;
    this.#events = events;
    this.#server = server;
  }

  /** @throws TandemError `network-failed` where the port cannot be had, or about the TLS files */
  static async listen(options: ProviderOptions, events: ProviderEvents): Promise<StorageProvider> {
    const server = await makeServer(options.tls);
    const provider = new StorageProvider(options, events, server);
    const name = `${options.host ?? '*'}:${options.port}`;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ port: options.port, host: options.host }, resolve);
    await promise.catch((error: unknown) => {
      const { message, hint } = networkError(error, name);
      throw new TandemError('network-failed', message.replace('No connection to', 'Cannot listen on'), {
        hint,
      });
    });
    server.off('error', reject);
    server.on('error', (error) => events.troubled(error.message, false));
    server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      provider.#accept(socket);
    });
    server.on('tlsClientError', (error: Error, socket: Socket) => {
      events.troubled(networkError(error, socket.remoteAddress ?? 'a caller').message, true);
    });
    return provider;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  /** Takes no new associations, breaks those off that are open, and waits until they have ended. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#ended.abort();
    await Promise.all(this.#open.values());
    await closed;
  }

  #accept(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? 'a caller');
    const peer = `${address}:${socket.remotePort ?? 0}`;
    const { timeoutMs, addresses } = this.#options;
    if (addresses !== undefined && !addresses.map(plainAddress).includes(address)) {
      socket.destroy();
      this.#events.troubled(`a caller at ${address}, which is not where the PACS is, was turned away`, true);
      return;
    }
    const association = new Association(socket, { peer, timeoutMs, signal: this.#ended.signal });
    const served = this.#serve(association)
      .catch((error: unknown) => {
        const { code, message } = toErrorData(error);
        if (code !== 'cancelled') this.#events.troubled(message, false);
      })
      .finally(() => {
        association.abort();
        this.#open.delete(association);
      });
    this.#open.set(association, served);
  }

  async #serve(association: Association): Promise<void> {
    const first = await association.readPdu();
    // A port that is only tried, as firewalls and monitors do, is no trouble.
    if (first === undefined) return;
    if (first.type !== 'associate-request')
      throw new TandemError('network-failed', `${association.peer} speaks no DICOM`);
    const { request } = first;
    const rejection = this.#rejectionOf(request);
    if (rejection !== undefined) {
      await association.writePdu({ type: 'associate-reject', rejection });
      association.close();
      this.#events.troubled(
        `${request.callingAeTitle} at ${association.peer} calling ${request.calledAeTitle} was turned away`,
        true,
      );
      return;
    }
    const contexts = request.contexts.map(answerContext);
    await association.writePdu({
      type: 'associate-accept',
      accept: {
        calledAeTitle: request.calledAeTitle,
        callingAeTitle: request.callingAeTitle,
        maxPduLength: MAX_PDU_BYTES,
        contexts,
        roles: [],
      },
    });
    association.limitPdus(request.maxPduLength);
    this.#events.associated(request.callingAeTitle);
    const syntaxes = new Map(
      contexts.filter(({ result }) => result === 0).map(({ id, transferSyntax }) => [id, transferSyntax]),
    );
    for (;;) {
      const message = await association.receive();
      if (message === undefined) return;
      await this.#answer(association, message, syntaxes, request.callingAeTitle);
    }
  }

  #rejectionOf({ calledAeTitle, callingAeTitle }: AssociateRequest): Rejection | undefined {
    const { aeTitle, allow } = this.#options;
    if (calledAeTitle !== aeTitle) return REJECTED.calledAeTitle;
    if (allow.length > 0 && !allow.includes(callingAeTitle)) return REJECTED.callingAeTitle;
    return this.#open.size > MAX_ASSOCIATIONS ? REJECTED.tooMany : undefined;
  }

  async #answer(
    association: Association,
    message: Message,
    syntaxes: ReadonlyMap<number, string>,
    callingAeTitle: string,
  ): Promise<void> {
    const { contextId, command, dataSet } = message;
    const transferSyntax = syntaxes.get(contextId);
    if (transferSyntax === undefined || isResponse(command)) {
      throw new TandemError('network-failed', `${association.peer} sends what was not agreed on`);
    }
    if (command.field === FIELD.storeRequest) {
      const taken = await takeStore(
        association,
        message,
        this.#options.folder,
        transferSyntax,
        callingAeTitle,
      );
      this.#events.taken(taken, callingAeTitle);
      return;
    }
    if (dataSet !== undefined) for await (const _ of dataSet);
    if (command.field === FIELD.cancelRequest) return;
    await association.send(contextId, {
      field: command.field | 0x8000,
      affectedSopClassUid: command.affectedSopClassUid,
      messageIdRespondedTo: command.messageId,
      hasDataSet: false,
      status: command.field === FIELD.echoRequest ? SUCCESS : UNRECOGNISED_OPERATION,
    });
  }
}

/** An IPv4 address that comes by an IPv6 socket is the same address. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The first syntax that the caller names and that is known here: bytes are kept, so its choice is the best. */
function answerContext({
  id,
  abstractSyntax,
  transferSyntaxes,
}: AssociateRequest['contexts'][number]): AnsweredContext {
  const isKnown = abstractSyntax === VERIFICATION || isStorageClass(abstractSyntax);
  const known = abstractSyntax === VERIFICATION ? QUERY_SYNTAXES : STORED_SYNTAXES;
  const transferSyntax = transferSyntaxes.find((uid) => known.includes(uid));
  if (!isKnown) return { id, result: 3, transferSyntax: IMPLICIT_LITTLE_ENDIAN };
  if (transferSyntax === undefined) return { id, result: 4, transferSyntax: IMPLICIT_LITTLE_ENDIAN };
  return { id, result: 0, transferSyntax };
}

async function makeServer(tls: TlsFiles | undefined): Promise<Server> {
  if (tls === undefined) return createPlain();
  const files = await readTlsFiles(tls);
  if (files.cert === undefined) {
    throw new TandemError('usage', 'To receive by TLS this workstation needs a certificate and its key');
  }
  const asksForCertificate = tls.ca !== undefined;
  return createTls({ ...files, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate });
}
