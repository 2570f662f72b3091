import type { DimsePeer } from '../../../core/contract/pacs.ts';
import { MAX_CONTEXTS } from '../../../core/dicom/dimse/associate.ts';
import { FIELD } from '../../../core/dicom/dimse/command.ts';
import { encodeIdentifier } from '../../../core/dicom/dimse/query.ts';
import type { QueryLevel, QueryValues } from '../../../core/dicom/dimse/queryAttributes.ts';
import { describeStatus, isPassing, statusKind } from '../../../core/dicom/dimse/status.ts';
import { QUERY_SYNTAXES, STORED_SYNTAXES } from '../../../core/dicom/dimse/syntaxes.ts';
import { STUDY_ROOT_GET } from '../../../core/dicom/dimse/uids.ts';
import { TandemError } from '../../../core/errors.ts';
import { type Association, bytesOf } from './association.ts';
import { messageIds, receiveMessage, requireResponse } from './exchange.ts';
import { type AcceptedContext, type Proposal, requestAssociation } from './request.ts';
import { type Taken, takeStore } from './takeStore.ts';

/** What to retrieve: a level and the UIDs that name it. */
export interface Retrieval {
  readonly level: QueryLevel;
  readonly keys: QueryValues;
}

/**
 * C-GET: the peer sends by C-STORE over the association that asked. Every SOP class is proposed in every
 * transfer syntax by itself, so that the peer can send each object as it is stored.
 * @param classes at most 63: each has to have two syntaxes within the 128 presentation contexts
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`
 */
export async function getInstances(
  peer: DimsePeer,
  retrievals: readonly Retrieval[],
  classes: readonly string[],
  folder: string,
  taken: (taken: Taken) => void,
  signal: AbortSignal,
): Promise<void> {
  const { association, contexts } = await requestAssociation(peer, proposalsFor(classes), signal);
  try {
    const context = contexts.find(({ abstractSyntax }) => abstractSyntax === STUDY_ROOT_GET);
    if (context === undefined) {
      throw new TandemError('refused-by-peer', `${association.peer} gives nothing out by C-GET`, {
        hint: 'Ask for C-MOVE instead (--method move), with this workstation entered in the PACS.',
      });
    }
    const nextId = messageIds();
    for (const retrieval of retrievals) {
      await getOne(association, context, contexts, retrieval, nextId(), { peer, folder, taken });
    }
    await association.release();
  } finally {
    association.abort();
  }
}

function proposalsFor(classes: readonly string[]): Proposal[] {
  const each = Math.max(1, Math.floor((MAX_CONTEXTS - 1) / Math.max(1, classes.length)));
  return [
    { abstractSyntax: STUDY_ROOT_GET, transferSyntaxes: QUERY_SYNTAXES },
    ...classes.flatMap((abstractSyntax) =>
      STORED_SYNTAXES.slice(0, each).map((uid) => ({
        abstractSyntax,
        transferSyntaxes: [uid],
        reversed: true,
      })),
    ),
  ].slice(0, MAX_CONTEXTS);
}

/** How many SOP classes one association can take in every transfer syntax. */
export const CLASSES_PER_ASSOCIATION = Math.floor((MAX_CONTEXTS - 1) / STORED_SYNTAXES.length);

async function getOne(
  association: Association,
  context: AcceptedContext,
  contexts: readonly AcceptedContext[],
  { level, keys }: Retrieval,
  messageId: number,
  { peer, folder, taken }: { peer: DimsePeer; folder: string; taken: (taken: Taken) => void },
): Promise<void> {
  const identifier = encodeIdentifier(level, keys, [], context.transferSyntax);
  await association.send(
    context.id,
    {
      field: FIELD.getRequest,
      affectedSopClassUid: STUDY_ROOT_GET,
      messageId,
      priority: 0,
      hasDataSet: true,
    },
    bytesOf(identifier),
  );
  for (;;) {
    const message = await receiveMessage(association);
    const { command, dataSet } = message;
    if (command.field === FIELD.storeRequest) {
      const transferSyntax = contexts.find(({ id }) => id === message.contextId)?.transferSyntax;
      if (transferSyntax === undefined || message.contextId === context.id) {
        throw new TandemError('network-failed', `${association.peer} sends what was not agreed on`);
      }
      taken(await takeStore(association, message, folder, transferSyntax, peer.calledAeTitle));
      continue;
    }
    requireResponse(command, messageId);
    // Of what failed, the peer lists the UIDs: they are missed and asked for again in any case.
    if (dataSet !== undefined) for await (const _ of dataSet);
    if (statusKind(command.status ?? 0xc000) === 'pending') continue;
    requireRetrieved(command, association.peer, 'C-GET');
    return;
  }
}

/** Passes over what did not fail as a whole: what did not come is found by looking for it. */
export function requireRetrieved(
  command: Parameters<typeof describeStatus>[0],
  peer: string,
  operation: string,
): void {
  const status = command.status ?? 0xc000;
  const kind = statusKind(status);
  if (kind === 'success' || kind === 'warning') return;
  throw new TandemError(
    isPassing(status) ? 'network-failed' : 'refused-by-peer',
    `${peer} breaks the ${operation} off: ${describeStatus(command)}`,
  );
}
