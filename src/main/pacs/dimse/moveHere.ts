import { lookup } from 'node:dns/promises';
import { ANY_AE_TITLE, type DimsePeer } from '../../../core/contract/pacs.ts';
import { TandemError } from '../../../core/errors.ts';
import type { Retrieval } from './get.ts';
import { moveInstances } from './move.ts';
import { StorageProvider } from './provider.ts';
import type { Taken } from './takeStore.ts';

/** How a C-MOVE to this machine is received. */
export interface MoveHere {
  readonly port: number;
  /** Address to listen on; every one where undefined. */
  readonly host: string | undefined;
  /** AE titles that may send; where empty, only the PACS that is asked. */
  readonly from: readonly string[];
}

/**
 * Has a PACS send to this machine by C-MOVE, with a storage provider that is open for as long as it takes, and
 * to nobody else: who calls by another AE title or from another address than the PACS is turned away.
 * @throws TandemError `refused-by-peer` that names who was turned away, where somebody was; as `moveInstances`
 */
export async function moveToHere(
  peer: DimsePeer,
  retrievals: readonly Retrieval[],
  { port, host, from }: MoveHere,
  to: { readonly folder: string; readonly taken: (taken: Taken) => void; readonly signal: AbortSignal },
): Promise<void> {
  let turnedAway: string | undefined;
  const provider = await StorageProvider.listen(
    {
      folder: to.folder,
      port,
      host,
      aeTitle: peer.callingAeTitle,
      ...(from.length > 0 ? { allow: from } : await onlyFrom(peer)),
      tls: peer.tls?.certificate === undefined ? undefined : peer.tls,
      timeoutMs: peer.timeoutSeconds * 1000,
    },
    {
      taken: to.taken,
      associated: () => {},
      troubled: (what, isRejection) => {
        if (isRejection) turnedAway ??= what;
      },
    },
  );
  let failure: unknown;
  try {
    await moveInstances(peer, retrievals, peer.callingAeTitle, () => {}, to.signal);
  } catch (error) {
    failure = error;
  } finally {
    await provider.close();
  }
  if (turnedAway !== undefined && !to.signal.aborted) {
    throw new TandemError('refused-by-peer', `What came by C-MOVE was not let in: ${turnedAway}`, {
      hint: 'If that is how the PACS sends, name its AE title as the sender: --from AE, or “Sent by” in the window.',
      cause: failure,
    });
  }
  if (failure !== undefined) throw failure;
}

/** The AE title that was asked, where it is known, and the addresses of its host. */
async function onlyFrom(peer: DimsePeer): Promise<{ allow: string[]; addresses: string[] }> {
  const found = await lookup(peer.host, { all: true });
  return {
    allow: peer.calledAeTitle === ANY_AE_TITLE ? [] : [peer.calledAeTitle],
    addresses: found.map(({ address }) => address),
  };
}
