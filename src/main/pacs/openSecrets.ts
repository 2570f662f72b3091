import { stat } from 'node:fs/promises';
import type { Peer } from '../../core/contract/pacs.ts';

/** Read, written or run by group or others. */
const NOT_THE_OWNERS = 0o077;

/**
 * A sentence for each file of a token, password or key of this destination that others on this machine may read.
 * They are told of and not refused: some are kept in folders that only their owner can enter. Windows has no such
 * bits, and a file that is not there is said when it is read.
 */
export async function openSecrets(peer: Peer): Promise<string[]> {
  if (process.platform === 'win32') return [];
  const secrets = peer.kind === 'dicomweb' ? [peer.tokenFile, peer.passwordFile] : [];
  const warnings: string[] = [];
  for (const path of [...secrets, peer.tls?.key]) {
    if (path === undefined) continue;
    const mode = await stat(path).then(
      (found) => found.mode,
      () => 0,
    );
    if ((mode & NOT_THE_OWNERS) === 0) continue;
    warnings.push(
      `Others on this machine may read ${path}, which holds a secret: make it your own (chmod 600)`,
    );
  }
  return warnings;
}
