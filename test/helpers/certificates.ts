import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from './tools.ts';

/** Certificates for a test, made by openssl: it has to be asked for first, as other tools are. */
export const openssl = findTool('openssl');

export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** The authority's own certificate. */
  readonly ca: string;
  /** A certificate and its key, made out to 127.0.0.1 and localhost. */
  readonly issue: (name: string) => Identity;
}

/** A certificate authority of the test's own, its files in `folder`. */
export function makeAuthority(folder: string, name: string): Authority {
  mkdirSync(folder, { recursive: true });
  const run = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(openssl ?? 'openssl', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  };
  const at = (file: string): string => join(folder, `${name}-${file}`);
  const curve = ['-newkey', 'rsa:2048', '-nodes'];
  run(
    ...['req', '-x509', ...curve, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2'],
    ...['-subj', `/CN=${name} test authority`],
  );
  const extensions = at('extensions');
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  return {
    ca: at('ca.pem'),
    issue: (whom) => {
      const [key, request, certificate] = [at(`${whom}.key`), at(`${whom}.csr`), at(`${whom}.pem`)];
      run('req', ...curve, '-keyout', key, '-out', request, '-subj', `/CN=${whom}`);
      run(
        ...['x509', '-req', '-in', request, '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'],
        ...['-out', certificate, '-days', '2', '-extfile', extensions],
      );
      return { certificate, key };
    },
  };
}
