import { createHash } from 'node:crypto';
import { arch, cpus, hostname, platform, totalmem } from 'node:os';
import { appVersion } from './version.ts';

let identity: string | undefined;

/**
 * What tells this machine, as this version of the program finds it, from others that may share the data folder: a
 * SHA-256, for a name of a machine is nobody else's business. Processors or memory that were changed make another.
 */
export function machineIdentity(): string {
  const processors = cpus();
  identity ??= createHash('sha256')
    .update(
      JSON.stringify([
        hostname(),
        platform(),
        arch(),
        processors[0]?.model ?? '',
        processors.length,
        totalmem(),
        appVersion,
      ]),
    )
    .digest('hex');
  return identity;
}
