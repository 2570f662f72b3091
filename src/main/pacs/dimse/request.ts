import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DimsePeer } from '../../../core/contract/pacs.ts';
import type { AnsweredContext, RoleSelection } from '../../../core/dicom/dimse/associate.ts';
import { protocolError } from '../../../core/dicom/dimse/bytes.ts';
import { describeRejection } from '../../../core/dicom/dimse/status.ts';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import { connectionLost, networkError, timedOut } from '../networkErrors.ts';
import { readTlsFiles } from '../tlsFiles.ts';
import { Association, MAX_PDU_BYTES } from './association.ts';

/** What is to be negotiated: one presentation context for each, in this order. */
export interface Proposal {
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
  /** The peer is to be the user and this side the provider, as a C-GET needs it. */
  readonly reversed?: boolean;
}

export interface AcceptedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
}

export interface OpenAssociation {
  readonly association: Association;
  readonly contexts: readonly AcceptedContext[];
}

/** `host:port`. */
export function peerName({ host, port }: Pick<DimsePeer, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Connects and negotiates an association.
 * @returns the contexts that the peer accepted, which may be none
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`
 */
export async function requestAssociation(
  peer: DimsePeer,
  proposals: readonly Proposal[],
  signal: AbortSignal,
): Promise<OpenAssociation> {
  throwIfCancelled(signal);
  const socket = await connect(peer, signal);
  const timeoutMs = peer.timeoutSeconds * 1000;
  const association = new Association(socket, { peer: peerName(peer), timeoutMs, signal });
  try {
    return { association, contexts: await negotiate(association, peer, proposals) };
  } catch (error) {
    association.abort();
    throw error;
  }
}

async function negotiate(
  association: Association,
  peer: DimsePeer,
  proposals: readonly Proposal[],
): Promise<AcceptedContext[]> {
  const proposed = proposals.map(({ abstractSyntax, transferSyntaxes }, n) => ({
    id: 2 * n + 1,
    abstractSyntax,
    transferSyntaxes,
  }));
  const reversed = new Set(proposals.filter((one) => one.reversed).map((one) => one.abstractSyntax));
  const roles: RoleSelection[] = [...reversed].map((sopClassUid) => ({ sopClassUid, scu: false, scp: true }));
  await association.writePdu({
    type: 'associate-request',
    request: {
      calledAeTitle: peer.calledAeTitle,
      callingAeTitle: peer.callingAeTitle,
      maxPduLength: MAX_PDU_BYTES,
      contexts: proposed,
      roles,
    },
  });
  const answer = await association.readPdu();
  if (answer === undefined) {
    throw connectionLost(
      association.peer,
      'it closed the connection instead of answering (does it expect TLS?)',
    );
  }
  if (answer.type === 'associate-reject') {
    const { message, hint, passing } = describeRejection(answer.rejection);
    const named = `${message} (${peer.callingAeTitle} calling ${peer.calledAeTitle} at ${association.peer})`;
    throw new TandemError(passing ? 'network-failed' : 'refused-by-peer', named, { hint });
  }
  if (answer.type === 'abort') throw connectionLost(association.peer, 'it broke the association off at once');
  if (answer.type !== 'associate-accept') throw protocolError('it does not answer the association');
  association.limitPdus(answer.accept.maxPduLength);
  return acceptedOf(proposed, answer.accept.contexts, (sopClassUid) => {
    if (!reversed.has(sopClassUid)) return true;
    return answer.accept.roles.some((role) => role.sopClassUid === sopClassUid && role.scp);
  });
}

function acceptedOf(
  proposed: readonly {
    readonly id: number;
    readonly abstractSyntax: string;
    readonly transferSyntaxes: readonly string[];
  }[],
  answered: readonly AnsweredContext[],
  hasRole: (sopClassUid: string) => boolean,
): AcceptedContext[] {
  return answered.flatMap(({ id, result, transferSyntax }) => {
    const asked = proposed.find((one) => one.id === id);
    if (asked === undefined) throw protocolError('it answers a presentation context that was not asked for');
    if (result !== 0) return [];
    if (!asked.transferSyntaxes.includes(transferSyntax)) {
      throw protocolError('it accepts a transfer syntax that was not proposed');
    }
    return hasRole(asked.abstractSyntax)
      ? [{ id, abstractSyntax: asked.abstractSyntax, transferSyntax }]
      : [];
  });
}

async function connect(peer: DimsePeer, signal: AbortSignal): Promise<Socket> {
  const { host, port } = peer;
  const tls = peer.tls === undefined ? undefined : await readTlsFiles(peer.tls);
  const name = peerName(peer);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let socket: Socket;
  try {
    socket =
      tls === undefined
        ? connectPlain({ host, port }, resolve)
        : connectTls({ ...tls, host, port, servername: serverName(peer) }, resolve);
  } catch (error) {
    throw networkError(error, name);
  }
  const timeoutMs = peer.timeoutSeconds * 1000;
  const timer = setTimeout(() => reject(timedOut(name, timeoutMs)), timeoutMs);
  const cancel = (): void => reject(new TandemError('cancelled', 'Cancelled'));
  const closed = (): void => reject(connectionLost(name));
  signal.addEventListener('abort', cancel, { once: true });
  socket.once('error', reject);
  socket.once('close', closed);
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw networkError(error, name);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    socket.off('close', closed);
    socket.off('error', reject);
  }
}

/** TLS names servers, not numbers: for a number none is sent, and the certificate has to name it. */
function serverName({ host, tls }: DimsePeer): string | undefined {
  return tls?.serverName ?? (isIP(host) === 0 ? host : undefined);
}
