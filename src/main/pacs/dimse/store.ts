import { createHash } from 'node:crypto';
import type { DimsePeer } from '../../../core/contract/pacs.ts';
import { MAX_CONTEXTS } from '../../../core/dicom/dimse/associate.ts';
import { FIELD } from '../../../core/dicom/dimse/command.ts';
import { describeStatus, isPassing, statusKind } from '../../../core/dicom/dimse/status.ts';
import { DEFLATED_LITTLE_ENDIAN, describeSyntax } from '../../../core/dicom/transferSyntax.ts';
import { TandemError, toErrorData } from '../../../core/errors.ts';
import { fileBytesFrom, type OutgoingInstance } from '../outgoing.ts';
import type { SendEvents } from '../sender.ts';
import type { Association } from './association.ts';
import { messageIds, receiveResponse } from './exchange.ts';
import { type AcceptedContext, type Proposal, requestAssociation } from './request.ts';

/**
 * C-STORE of instances in their own transfer syntaxes: each pair of SOP class and syntax has a presentation
 * context of its own, and what the peer does not accept as it is, is not sent: nothing is transcoded. Files are
 * read as they are sent.
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`; what concerns one instance goes to `events`
 */
export async function storeInstances(
  peer: DimsePeer,
  instances: readonly OutgoingInstance[],
  events: SendEvents,
  signal: AbortSignal,
): Promise<void> {
  for (const group of byAssociation(instances)) {
    const { association, contexts } = await requestAssociation(peer, group.proposals, signal);
    try {
      const nextId = messageIds();
      for (const instance of group.instances) {
        const context = contextFor(contexts, instance);
        if (context === undefined) {
          await events.refused(instance, notAccepted(association.peer, instance), false);
          continue;
        }
        if (isOdd(instance) && instance.transferSyntaxUid !== DEFLATED_LITTLE_ENDIAN) {
          await events.refused(instance, oddLength(instance), false);
          continue;
        }
        await storeOne(association, context, instance, nextId(), events);
      }
      await association.release();
    } finally {
      association.abort();
    }
  }
}

async function storeOne(
  association: Association,
  context: AcceptedContext,
  instance: OutgoingInstance,
  messageId: number,
  events: SendEvents,
): Promise<void> {
  await events.begun(instance);
  const hash = createHash('sha256');
  let unreadable: TandemError | undefined;
  async function* dataSet(): AsyncGenerator<Uint8Array> {
    try {
      for await (const bytes of fileBytesFrom(instance, instance.dataSetOffset)) {
        hash.update(bytes);
        yield bytes;
      }
      // Fragments are of even length (PS3.8, E.2), and a deflated stream may be followed by a zero (PS3.5, A.5).
      if (isOdd(instance)) yield new Uint8Array(1);
    } catch (error) {
      unreadable =
        error instanceof TandemError ? error : new TandemError('failed', toErrorData(error).message);
      throw error;
    }
  }
  const command = {
    field: FIELD.storeRequest,
    affectedSopClassUid: instance.sopClassUid,
    messageId,
    priority: 0,
    hasDataSet: true,
    affectedSopInstanceUid: instance.sopInstanceUid,
  };
  try {
    await association.send(context.id, command, dataSet());
  } catch (error) {
    // The peer has half an object: only a new association can go on.
    if (unreadable !== undefined) await events.refused(instance, unreadable, false);
    throw error;
  }
  const response = await receiveResponse(association, messageId);
  const kind = statusKind(response.command.status ?? 0xc000);
  if (kind === 'success' || kind === 'warning') {
    const remark = kind === 'warning' ? describeStatus(response.command) : undefined;
    await events.confirmed(instance, hash.digest('hex'), remark);
    return;
  }
  const words = `${association.peer} refuses it: ${describeStatus(response.command)}`;
  const error = new TandemError('refused-by-peer', words, { path: instance.path });
  await events.refused(instance, error, isPassing(response.command.status ?? 0));
}

interface Group {
  readonly proposals: Proposal[];
  readonly instances: OutgoingInstance[];
}

/** As few associations as there can be: each has room for 128 pairs of class and syntax. */
function byAssociation(instances: readonly OutgoingInstance[]): Group[] {
  const byPair = Map.groupBy(instances, (one) => `${one.sopClassUid} ${one.transferSyntaxUid}`);
  const groups: Group[] = [];
  for (const [pair, members] of byPair) {
    let group = groups.at(-1);
    if (group === undefined || group.proposals.length === MAX_CONTEXTS) {
      group = { proposals: [], instances: [] };
      groups.push(group);
    }
    const [abstractSyntax = '', transferSyntax = ''] = pair.split(' ');
    group.proposals.push({ abstractSyntax, transferSyntaxes: [transferSyntax] });
    group.instances.push(...members);
  }
  return groups;
}

function contextFor(
  contexts: readonly AcceptedContext[],
  { sopClassUid, transferSyntaxUid }: OutgoingInstance,
): AcceptedContext | undefined {
  return contexts.find(
    (one) => one.abstractSyntax === sopClassUid && one.transferSyntax === transferSyntaxUid,
  );
}

/** Some PACS answer an odd fragment with silence, and nothing behind it would get through. */
function isOdd({ fileBytes, dataSetOffset }: OutgoingInstance): boolean {
  return (fileBytes - dataSetOffset) % 2 === 1;
}

function oddLength({ path }: OutgoingInstance): TandemError {
  return new TandemError(
    'bad-header',
    'Its data set has an odd number of bytes, which no DICOM data set has and no C-STORE carries',
    { path, hint: 'It is damaged: copy or export it again.' },
  );
}

function notAccepted(peer: string, { path, sopClassUid, transferSyntaxUid }: OutgoingInstance): TandemError {
  return new TandemError(
    'refused-by-peer',
    `${peer} does not take objects of the class ${sopClassUid} in ${describeSyntax(transferSyntaxUid)}`,
    { path, hint: 'Have class and transfer syntax allowed in the PACS; files are sent as they are.' },
  );
}
