import type { Evidence } from '../../core/contract/auditing.ts';
import type { Peer } from '../../core/contract/pacs.ts';

/** Whom it was spoken with, for the audit log: its address as far as it names a machine, no user, token or path. */
export function peerEvidence(peer: Peer & { readonly name: string }): NonNullable<Evidence['settings']> {
  const encrypted = peer.tls !== undefined;
  if (peer.kind === 'dicomweb') {
    const { host, protocol } = new URL(peer.url);
    return { protocol: 'DICOMweb', host, encrypted: protocol === 'https:' };
  }
  const { host, port, calledAeTitle, callingAeTitle } = peer;
  return { protocol: 'DIMSE', host: `${host}:${port}`, aeTitle: calledAeTitle, callingAeTitle, encrypted };
}
