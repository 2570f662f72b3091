import { readFile } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import type { TlsFiles } from '../../core/contract/pacs.ts';
import { TandemError } from '../../core/errors.ts';
import { readError } from '../studies/readErrors.ts';

/**
 * The certificates and key that a destination names, read anew for every connection: they are renewed by
 * others. Nothing older than TLS 1.2 (PS3.15, annex B.9, BCP 195).
 * @throws TandemError about the file that cannot be read, `usage` for a certificate without its key
 */
export async function readTlsFiles(files: TlsFiles): Promise<SecureContextOptions> {
  if ((files.certificate === undefined) !== (files.key === undefined)) {
    throw new TandemError('usage', 'A certificate and its key belong together: name both or none');
  }
  const [ca, cert, key] = await Promise.all([files.ca, files.certificate, files.key].map(readPem));
  return { ca, cert, key, minVersion: 'TLSv1.2' };
}

async function readPem(path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  if (!bytes.includes('-----BEGIN ')) {
    throw new TandemError('bad-header', 'This is no PEM file: it holds neither certificate nor key', {
      path,
    });
  }
  return bytes;
}
