import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { isUid } from '../../core/dicom/dimse/uids.ts';
import { encodeFileMeta, type FileIdentity } from '../../core/dicom/fileMeta.ts';
import { TandemError } from '../../core/errors.ts';
import { streamFileAtomically } from '../export/atomic.ts';
import { makeFolders } from '../export/makeFolders.ts';
import { writeError } from '../export/writeErrors.ts';
import { dataFolder } from '../paths.ts';

/** What was received: meta information of our own, then the data set byte for byte as it came. */
export interface ReceivedInstance {
  readonly path: string;
  readonly bytes: number;
  /** The same bytes were there before. */
  readonly repeated: boolean;
}

/**
 * The file of an instance in a folder. Its name is made of digits and dots alone: a peer that sends a path
 * for a UID (CVE-2026-50003 and its like) is refused.
 * @throws TandemError `bad-header`
 */
export function instanceFile(folder: string, sopInstanceUid: string): string {
  if (!isUid(sopInstanceUid)) {
    throw new TandemError('bad-header', 'What was sent has no valid SOP Instance UID', {
      hint: 'Have the object corrected where it comes from.',
    });
  }
  return join(folder, `${sopInstanceUid}.dcm`);
}

/** Where what is received goes, but for a user who names another place. */
export function receivedFolder(): string {
  return join(dataFolder(), 'received');
}

/** A folder that others may look into is left as it is; one that is made here is its owner's alone. */
export async function makeReceivingFolder(folder: string): Promise<void> {
  await makeFolders(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw writeError(error, folder);
  });
}

/**
 * Writes one instance, whole or not at all, as its bytes come in; returns once it is on the disk. An instance
 * of the same UID that is there already is replaced.
 */
export async function writeInstance(
  folder: string,
  identity: FileIdentity,
  dataSet: AsyncIterable<Uint8Array>,
  sourceAeTitle?: string,
): Promise<ReceivedInstance> {
  const path = instanceFile(folder, identity.sopInstanceUid);
  const before = await fileDigest(path);
  const hash = createHash('sha256');
  let bytes = 0;
  await streamFileAtomically(path, async (file) => {
    const write = async (part: Uint8Array): Promise<void> => {
      await file.writeFile(part);
      hash.update(part);
      bytes += part.length;
    };
    await write(encodeFileMeta(identity, sourceAeTitle));
    for await (const part of dataSet) await write(part);
  });
  return { path, bytes, repeated: before === hash.digest('hex') };
}

/** SHA-256 of a file, undefined where there is none. */
async function fileDigest(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
