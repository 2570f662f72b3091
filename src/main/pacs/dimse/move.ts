import type { DimsePeer } from '../../../core/contract/pacs.ts';
import { type Command, FIELD } from '../../../core/dicom/dimse/command.ts';
import { encodeIdentifier } from '../../../core/dicom/dimse/query.ts';
import { statusKind } from '../../../core/dicom/dimse/status.ts';
import { QUERY_SYNTAXES } from '../../../core/dicom/dimse/syntaxes.ts';
import { STUDY_ROOT_MOVE } from '../../../core/dicom/dimse/uids.ts';
import { TandemError } from '../../../core/errors.ts';
import { bytesOf } from './association.ts';
import { messageIds, receiveMessage, requireResponse } from './exchange.ts';
import { type Retrieval, requireRetrieved } from './get.ts';
import { requestAssociation } from './request.ts';

export interface MoveCounts {
  readonly completed: number;
  readonly failed: number;
  readonly warnings: number;
  readonly remaining: number;
}

/** A C-MOVE need not say anything until it is done, so more patience than between other messages. */
const PATIENCE = 20;

/**
 * C-MOVE: the peer sends to an AE title that it knows the address of, by an association of its own.
 * @param progress the counts so far, as the peer tells them
 * @returns counts over all retrievals
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`
 */
export async function moveInstances(
  peer: DimsePeer,
  retrievals: readonly Retrieval[],
  destination: string,
  progress: (counts: MoveCounts) => void,
  signal: AbortSignal,
): Promise<MoveCounts> {
  const proposal = { abstractSyntax: STUDY_ROOT_MOVE, transferSyntaxes: QUERY_SYNTAXES };
  const { association, contexts } = await requestAssociation(peer, [proposal], signal);
  let total: MoveCounts = { completed: 0, failed: 0, warnings: 0, remaining: 0 };
  try {
    const [context] = contexts;
    if (context === undefined) {
      throw new TandemError('refused-by-peer', `${association.peer} gives nothing out by C-MOVE`);
    }
    const nextId = messageIds();
    for (const { level, keys } of retrievals) {
      const messageId = nextId();
      const identifier = encodeIdentifier(level, keys, [], context.transferSyntax);
      await association.send(
        context.id,
        {
          field: FIELD.moveRequest,
          affectedSopClassUid: STUDY_ROOT_MOVE,
          messageId,
          moveDestination: destination,
          priority: 0,
          hasDataSet: true,
        },
        bytesOf(identifier),
      );
      for (;;) {
        const { command, dataSet } = await receiveMessage(association, association.timeoutMs * PATIENCE);
        requireResponse(command, messageId);
        if (dataSet !== undefined) for await (const _ of dataSet);
        const counts = added(total, command);
        progress(counts);
        if (statusKind(command.status ?? 0xc000) === 'pending') continue;
        requireRetrieved(command, association.peer, 'C-MOVE');
        total = counts;
        break;
      }
    }
    await association.release();
    return total;
  } finally {
    association.abort();
  }
}

function added(before: MoveCounts, { completed, failed, warnings, remaining }: Command): MoveCounts {
  return {
    completed: before.completed + (completed ?? 0),
    failed: before.failed + (failed ?? 0),
    warnings: before.warnings + (warnings ?? 0),
    remaining: remaining ?? 0,
  };
}
