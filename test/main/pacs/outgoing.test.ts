import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEDIA_STORAGE_DIRECTORY } from '../../../src/core/dicom/dimse/uids.ts';
import { encodeFileMeta } from '../../../src/core/dicom/fileMeta.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../../../src/core/dicom/transferSyntax.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { findInstances } from '../../../src/main/pacs/outgoing.ts';
import { instanceUid, writeInstances } from './instances.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-outgoing-'));
  await writeInstances(root, 2);
  const identity = { sopClassUid: MEDIA_STORAGE_DIRECTORY, sopInstanceUid: '1.2.3' };
  const directory = encodeFileMeta({ ...identity, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN });
  // File-set ID (0004,1130), with which a DICOMDIR begins.
  const fileSetId = Buffer.from('0400301143530400', 'hex');
  await writeFile(join(root, 'DICOMDIR'), Buffer.concat([directory, fileSetId, Buffer.from('TEST')]));
  await writeFile(join(root, 'notes.txt'), 'no DICOM');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('what is sent', () => {
  it('is every object in a folder, without its DICOMDIR; what is none is named', async () => {
    const { instances, refused } = await findInstances([root], QUIET_JOB);
    expect(instances.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([instanceUid(0), instanceUid(1)]);
    expect(refused.map(({ path }) => path)).toEqual([join(root, 'notes.txt')]);
  });

  it('is never a DICOMDIR, which is told where it was named', async () => {
    const { instances, refused } = await findInstances([join(root, 'DICOMDIR')], QUIET_JOB);
    expect(instances).toEqual([]);
    expect(refused).toEqual([
      expect.objectContaining({ code: 'not-an-image', message: expect.stringContaining('DICOMDIR') }),
    ]);
  });
});
