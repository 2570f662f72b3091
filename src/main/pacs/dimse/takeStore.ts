import { type Command, FIELD } from '../../../core/dicom/dimse/command.ts';
import { CANNOT_UNDERSTAND, OUT_OF_RESOURCES, SUCCESS } from '../../../core/dicom/dimse/status.ts';
import { isUid } from '../../../core/dicom/dimse/uids.ts';
import { type ErrorData, TandemError, toErrorData } from '../../../core/errors.ts';
import { type ReceivedInstance, writeInstance } from '../incoming.ts';
import type { Association, Message } from './association.ts';

/** What became of one C-STORE that came in. */
export type Taken =
  | { readonly instance: ReceivedInstance; readonly sopInstanceUid: string }
  | { readonly error: ErrorData; readonly sopInstanceUid: string };

/**
 * Takes one C-STORE: writes its data set into the folder and answers, success only once it is on the disk. What
 * cannot be written is answered with a failure and told; the association goes on.
 * @throws TandemError `network-failed` where the connection breaks
 */
export async function takeStore(
  association: Association,
  message: Message,
  folder: string,
  transferSyntaxUid: string,
  sourceAeTitle: string,
): Promise<Taken> {
  const { contextId, command, dataSet } = message;
  const sopInstanceUid = command.affectedSopInstanceUid ?? '';
  const sopClassUid = command.affectedSopClassUid ?? '';
  const respond = (status: number, errorComment?: string): Promise<void> =>
    association.send(contextId, response(command, status, errorComment));
  try {
    if (dataSet === undefined) throw new TandemError('bad-header', 'An object was sent without its data set');
    if (!isUid(sopClassUid)) throw new TandemError('bad-header', 'What was sent has no valid SOP Class UID');
    const identity = { sopClassUid, sopInstanceUid, transferSyntaxUid };
    const instance = await writeInstance(folder, identity, dataSet, sourceAeTitle);
    await respond(SUCCESS);
    return { instance, sopInstanceUid };
  } catch (error) {
    const data = toErrorData(error);
    if (data.code === 'network-failed' || data.code === 'cancelled') throw error;
    if (dataSet !== undefined) for await (const _ of dataSet);
    await respond(
      data.code === 'bad-header' ? CANNOT_UNDERSTAND : OUT_OF_RESOURCES,
      data.message.slice(0, 64),
    );
    return { error: data, sopInstanceUid };
  }
}

function response(request: Command, status: number, errorComment?: string): Command {
  return {
    field: FIELD.storeResponse,
    affectedSopClassUid: request.affectedSopClassUid,
    messageIdRespondedTo: request.messageId,
    hasDataSet: false,
    status,
    errorComment,
    affectedSopInstanceUid: request.affectedSopInstanceUid,
  };
}
