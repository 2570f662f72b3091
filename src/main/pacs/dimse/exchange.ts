import { protocolError } from '../../../core/dicom/dimse/bytes.ts';
import { type Command, isResponse } from '../../../core/dicom/dimse/command.ts';
import { connectionLost } from '../networkErrors.ts';
import type { Association, Message } from './association.ts';

/** The next message, which has to be there. @throws TandemError `network-failed` where the peer ended instead */
export async function receiveMessage(
  association: Association,
  timeoutMs = association.timeoutMs,
): Promise<Message> {
  const message = await association.receive(timeoutMs);
  if (message === undefined) throw connectionLost(association.peer, 'it ended the association');
  return message;
}

/** The response to a request, and nothing else. @throws TandemError `network-failed` */
export async function receiveResponse(association: Association, messageId: number): Promise<Message> {
  const message = await receiveMessage(association);
  requireResponse(message.command, messageId);
  return message;
}

export function requireResponse(command: Command, messageId: number): void {
  if (!isResponse(command) || command.messageIdRespondedTo !== messageId) {
    throw protocolError('a response is to another request');
  }
}

/** Message identifiers of 16 bits, one after the other. */
export function messageIds(): () => number {
  let last = 0;
  return () => {
    last = (last % 0xffff) + 1;
    return last;
  };
}
