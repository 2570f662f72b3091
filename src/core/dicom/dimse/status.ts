import type { Command } from './command.ts';
import type { Rejection } from './pdu.ts';

/** Status codes of responses (PS3.7 annex C, PS3.4 annexes B and C). */

export const SUCCESS = 0x0000;
export const CANCELLED = 0xfe00;
/** Refusals that this workstation's storage provider answers with. */
export const OUT_OF_RESOURCES = 0xa700;
export const CANNOT_UNDERSTAND = 0xc000;
export const UNRECOGNISED_OPERATION = 0x0211;

export type StatusKind = 'success' | 'warning' | 'pending' | 'cancelled' | 'failure';

export function statusKind(status: number): StatusKind {
  if (status === SUCCESS) return 'success';
  if (status === 0xff00 || status === 0xff01) return 'pending';
  if (status === CANCELLED) return 'cancelled';
  const isWarning = status === 0x0001 || status >>> 12 === 0xb || status === 0x0107 || status === 0x0116;
  return isWarning ? 'warning' : 'failure';
}

/** Whether the same request may succeed later: the peer is out of space or of processes just now. */
export function isPassing(status: number): boolean {
  return status >>> 8 === 0xa7;
}

const WORDS: Readonly<Record<number, string>> = {
  261: 'no such attribute',
  262: 'invalid attribute value',
  272: 'it could not be processed',
  273: 'it is there already',
  279: 'invalid object instance',
  280: 'no such SOP class',
  290: 'the SOP class is not supported',
  292: 'it is not allowed',
  529: 'it does not know this operation',
  530: 'wrongly typed argument',
  42752: 'it is out of resources',
  42753: 'it is out of resources: it cannot count the matches',
  42754: 'it is out of resources: it cannot send',
  43009: 'it does not know the move destination (the AE title to send to)',
  43264: 'the data set does not match its SOP class',
  65024: 'it was cancelled',
};

/** `it is out of resources (0xA700: disk full)`. */
export function describeStatus({
  status = 0xc000,
  errorComment,
}: Pick<Command, 'status' | 'errorComment'>): string {
  const words =
    WORDS[status] ??
    (status >>> 8 === 0xa7
      ? 'it is out of resources'
      : status >>> 8 === 0xa9
        ? 'the data set does not match its SOP class'
        : status >>> 12 === 0xc
          ? 'it could not make sense of it'
          : 'it failed');
  const code = `0x${status.toString(16).toUpperCase().padStart(4, '0')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a peer's words go to a terminal
  const comment = errorComment?.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return `${words} (${code}${comment ? `: ${comment}` : ''})`;
}

export interface RejectionWords {
  readonly message: string;
  readonly hint: string;
  /** It may accept later. */
  readonly passing: boolean;
}

/** Why an association was rejected (PS3.8, table 9-21), and what to do about it. */
export function describeRejection({ result, source, reason }: Rejection): RejectionWords {
  const passing = result === 2 || source === 3;
  if (source === 1 && reason === 7) {
    return {
      message: 'The other side does not know the AE title that it was called by',
      hint: 'Check the called AE title: it is the name that the PACS gives itself.',
      passing,
    };
  }
  if (source === 1 && reason === 3) {
    return {
      message: 'The other side does not know this workstation’s AE title',
      hint: 'Have this workstation’s AE title entered in the PACS, or correct it in the destination.',
      passing,
    };
  }
  const why =
    source === 3
      ? reason === 1
        ? 'it is congested'
        : 'its limit of associations is reached'
      : source === 1 && reason === 2
        ? 'it does not support the application context'
        : source === 2 && reason === 2
          ? 'it does not support the protocol version'
          : 'it gave no reason';
  return {
    message: `The other side refused the association: ${why}`,
    hint: passing
      ? 'Try again later.'
      : 'Many PACS say no more than this to an AE title they do not know: check both AE titles there.',
    passing,
  };
}

/** Codes of our own rejections. */
export const REJECTED = {
  calledAeTitle: { result: 1, source: 1, reason: 7 },
  callingAeTitle: { result: 1, source: 1, reason: 3 },
  tooMany: { result: 2, source: 3, reason: 2 },
} as const satisfies Record<string, Rejection>;
