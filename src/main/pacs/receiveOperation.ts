import { join, resolve } from 'node:path';
import type { NotDone } from '../../core/contract/pacs.ts';
import { sha256 } from '../audit/entry.ts';
import { sweepLeftovers } from '../export/leftovers.ts';
import type { Handler } from '../host/handler.ts';
import { StorageProvider } from './dimse/provider.ts';
import { makeReceivingFolder, receivedFolder } from './incoming.ts';

const MAX_FAILURES_TOLD = 1000;

/**
 * The storage provider: receives into a folder until it is stopped, or has what it was asked for. Being stopped
 * is its usual end and no error: the result says what came.
 */
export const receiveOperation: Handler<'pacsReceive'> = async (request, job) => {
  const begun = performance.now();
  const folder = resolve(request.out ?? join(receivedFolder(), 'inbox'));
  await makeReceivingFolder(folder);
  await sweepLeftovers(folder);
  const enough = Promise.withResolvers<void>();
  job.signal.addEventListener('abort', () => enough.resolve(), { once: true });
  if (job.signal.aborted) enough.resolve();
  const uids = new Set<string>();
  const callers = new Set<string>();
  const failed: NotDone[] = [];
  let [repeated, associations, rejected, bytes] = [0, 0, 0, 0];
  const report = (message: string): void =>
    job.progress({ stage: 'receiving', done: uids.size, total: request.instances ?? 0, message });
  const provider = await StorageProvider.listen(
    {
      folder,
      port: request.port,
      host: request.host,
      aeTitle: request.aeTitle,
      allow: request.allow,
      tls: request.tls,
      timeoutMs: request.timeoutSeconds * 1000,
    },
    {
      taken: (taken, callingAeTitle) => {
        if ('instance' in taken) {
          callers.add(callingAeTitle);
          if (taken.instance.repeated) repeated++;
          else uids.add(taken.sopInstanceUid);
          bytes += taken.instance.bytes;
          report(`from ${callingAeTitle}`);
          if (request.instances !== undefined && uids.size >= request.instances) enough.resolve();
        } else if (failed.length < MAX_FAILURES_TOLD) {
          failed.push({ sopInstanceUid: taken.sopInstanceUid, ...taken.error });
        }
      },
      associated: () => {
        associations++;
      },
      troubled: (what, isRejection) => {
        if (isRejection) rejected++;
        report(what);
      },
    },
  );
  job.progress({
    stage: 'listening',
    done: 0,
    total: 0,
    message: `${request.aeTitle} on port ${provider.port}; what comes is written to ${folder}`,
  });
  const port = provider.port;
  await enough.promise;
  await provider.close();
  const received = [...uids].sort();
  job.evidence?.({
    settings: {
      instances: received.length,
      failed: failed.length,
      rejected,
      from: [...callers].sort().join(' '),
    },
    outputs: received.length === 0 ? {} : { instances: sha256(received.join('\n')) },
  });
  return {
    folder,
    port,
    received: uids.size,
    repeated,
    failed,
    associations,
    rejected,
    bytes,
    seconds: (performance.now() - begun) / 1000,
  };
};
