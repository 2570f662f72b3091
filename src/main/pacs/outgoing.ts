import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RefusedFile } from '../../core/contract/schemas.ts';
import { isUid, MEDIA_STORAGE_DIRECTORY } from '../../core/dicom/dimse/uids.ts';
import { identityOf, parseFileMeta } from '../../core/dicom/fileMeta.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { readBytes, withFile } from '../studies/dicomFile.ts';
import { readError } from '../studies/readErrors.ts';
import { walkFiles } from '../studies/walk.ts';

/** One object that is to be sent: what has to be known before, and where its bytes are. */
export interface OutgoingInstance {
  readonly path: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** Empty where the header does not tell. */
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly dataSetOffset: number;
  /** Of the whole file. */
  readonly fileBytes: number;
}

const HEAD_BYTES = 65_536;
const READ_BYTES = 262_144;

/** The instances under files and folders, and what is none, with the reason; DICOMDIRs in a folder are passed over. */
export async function findInstances(
  paths: readonly string[],
  job: JobContext,
): Promise<{ instances: OutgoingInstance[]; refused: RefusedFile[] }> {
  const instances: OutgoingInstance[] = [];
  const refused: RefusedFile[] = [];
  const seen = new Set<string>();
  for (const root of paths) {
    for await (const found of walkFiles(root, job.signal)) {
      throwIfCancelled(job.signal);
      if (seen.has(found.path)) continue;
      seen.add(found.path);
      try {
        if ('error' in found) throw found.error;
        const instance = await describeInstance(found.path);
        if (instance.sopClassUid !== MEDIA_STORAGE_DIRECTORY) instances.push(instance);
        else if (found.path === resolve(root)) {
          throw new TandemError(
            'not-an-image',
            'A DICOMDIR lists files and is none to send: name its folder',
          );
        }
      } catch (error) {
        const { code, message } = toErrorData(readError(error, found.path));
        refused.push({ path: found.path, code, message });
      }
      job.progress({ stage: 'reading', done: seen.size, total: 0 });
    }
  }
  return { instances, refused };
}

/** @throws TandemError `not-an-image`, `bad-header`, `truncated`: what cannot be sent */
export async function describeInstance(path: string): Promise<OutgoingInstance> {
  return withFile(path, async (file, fileBytes) => {
    const head = await readBytes(file, Math.min(fileBytes, HEAD_BYTES));
    const isWhole = head.length === fileBytes;
    const meta = parseFileMeta(head, isWhole);
    if (meta === undefined) throw new TandemError('bad-header', 'Its meta information is too long', { path });
    const identity = identityOf(head, meta);
    const { sopClassUid, sopInstanceUid } = identity;
    if (!isUid(sopClassUid) || !isUid(sopInstanceUid)) {
      throw new TandemError('bad-header', 'It lacks a SOP class or instance UID', { path });
    }
    const { transferSyntaxUid, dataSetOffset } = meta;
    return { path, ...identity, transferSyntaxUid, dataSetOffset, fileBytes };
  });
}

/**
 * The bytes of a file from a position on, in pieces.
 * @throws TandemError `truncated` where it became shorter on the way, and as `readError` where it cannot be read
 */
export async function* fileBytesFrom(instance: OutgoingInstance, from: number): AsyncGenerator<Uint8Array> {
  const file = await open(instance.path, 'r').catch((error: unknown) => {
    throw readError(error, instance.path);
  });
  try {
    for (let at = from; at < instance.fileBytes; ) {
      const wanted = Math.min(READ_BYTES, instance.fileBytes - at);
      const bytes = await readBytes(file, wanted, at);
      if (bytes.length < wanted) {
        throw new TandemError('truncated', 'The file became shorter while it was sent', {
          path: instance.path,
        });
      }
      at += bytes.length;
      yield bytes;
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 of the data set, by which a file is known to be the one that was sent before. */
export async function dataSetDigest(instance: OutgoingInstance): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of fileBytesFrom(instance, instance.dataSetOffset)) hash.update(bytes);
  return hash.digest('hex');
}
