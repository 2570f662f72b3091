import type { Peer } from '../../core/contract/pacs.ts';
import { TandemError } from '../../core/errors.ts';
import { withFind } from './dimse/find.ts';
import { storeInstances } from './dimse/store.ts';
import type { OutgoingInstance } from './outgoing.ts';
import { webInstances } from './web/qido.ts';
import { stowInstances } from './web/stow.ts';

/** What becomes of each instance while it is sent. */
export interface SendEvents {
  /** Its first bytes are about to go. */
  readonly begun: (instance: OutgoingInstance) => Promise<void>;
  /** The other side has it. `remark`: what it did not like. */
  readonly confirmed: (instance: OutgoingInstance, digest: string, remark?: string) => Promise<void>;
  /** The other side will not have it. `passing`: it may later. */
  readonly refused: (instance: OutgoingInstance, error: TandemError, passing: boolean) => Promise<void>;
}

/** The two ways of sending, as one. */
export interface Sender {
  /** Sends; throws where the connection breaks or everything is refused. */
  readonly send: (
    instances: readonly OutgoingInstance[],
    events: SendEvents,
    signal: AbortSignal,
  ) => Promise<void>;
  /**
   * Which instances the other side holds of one series; undefined where it answers no such question.
   */
  readonly present: (
    studyUid: string,
    seriesUid: string,
    signal: AbortSignal,
  ) => Promise<ReadonlySet<string> | undefined>;
}

export function senderTo(peer: Peer): Sender {
  if (peer.kind === 'dicomweb') {
    return {
      send: (instances, events, signal) => stowInstances(peer, instances, events, signal),
      present: (studyUid, seriesUid, signal) =>
        orUndefined(async () => {
          const found = await webInstances(peer, studyUid, seriesUid, signal);
          return new Set(found.map((one) => one.SOPInstanceUID ?? ''));
        }),
    };
  }
  return {
    send: (instances, events, signal) => storeInstances(peer, instances, events, signal),
    present: (studyUid, seriesUid, signal) =>
      orUndefined(() =>
        withFind(peer, 'image', signal, async (association) => {
          const keys = { StudyInstanceUID: studyUid, SeriesInstanceUID: seriesUid };
          const { matches } = await association.find('image', keys);
          return new Set(matches.map((one) => one.SOPInstanceUID ?? ''));
        }),
      ),
  };
}

/** A peer that will not be asked is no error; a connection that breaks is. */
async function orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TandemError && error.code === 'refused-by-peer') return undefined;
    throw error;
  }
}
