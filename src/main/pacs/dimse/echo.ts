import type { DimsePeer } from '../../../core/contract/pacs.ts';
import { FIELD } from '../../../core/dicom/dimse/command.ts';
import { describeStatus, SUCCESS } from '../../../core/dicom/dimse/status.ts';
import { QUERY_SYNTAXES } from '../../../core/dicom/dimse/syntaxes.ts';
import { VERIFICATION } from '../../../core/dicom/dimse/uids.ts';
import { TandemError } from '../../../core/errors.ts';
import { receiveResponse } from './exchange.ts';
import { requestAssociation } from './request.ts';

/** C-ECHO (PS3.7, section 9.1.5). @throws TandemError `network-failed`, `refused-by-peer`, `cancelled` */
export async function echo(peer: DimsePeer, signal: AbortSignal): Promise<void> {
  const proposal = { abstractSyntax: VERIFICATION, transferSyntaxes: QUERY_SYNTAXES };
  const { association, contexts } = await requestAssociation(peer, [proposal], signal);
  try {
    const [context] = contexts;
    if (context === undefined) {
      throw new TandemError('refused-by-peer', `${association.peer} accepts the association but no C-ECHO`);
    }
    const messageId = 1;
    await association.send(context.id, {
      field: FIELD.echoRequest,
      affectedSopClassUid: VERIFICATION,
      messageId,
      hasDataSet: false,
    });
    const { command } = await receiveResponse(association, messageId);
    if (command.status !== SUCCESS) {
      throw new TandemError(
        'refused-by-peer',
        `${association.peer} refuses the C-ECHO: ${describeStatus(command)}`,
      );
    }
    await association.release();
  } finally {
    association.abort();
  }
}
