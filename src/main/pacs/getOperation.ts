import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Request } from '../../core/contract/operations.ts';
import type { NotDone } from '../../core/contract/pacs.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { sha256 } from '../audit/entry.ts';
import { sweepLeftovers } from '../export/leftovers.ts';
import type { Handler } from '../host/handler.ts';
import { resolvePeer } from './destinations.ts';
import { type ExpectedInstance, expectedInstances } from './expected.ts';
import { instanceFile, makeReceivingFolder, receivedFolder } from './incoming.ts';
import { peerEvidence } from './peerEvidence.ts';
import { fetchFrom } from './retriever.ts';
import { withRetries } from './retry.ts';

/**
 * Fetches a study, series or instance into a folder. The PACS is asked beforehand what there is: what did not
 * come is asked for again, what is in the folder already is not, and what stays missing is named.
 */
export const getOperation: Handler<'pacsGet'> = async (request, job) => {
  const begun = performance.now();
  const { studyUid, seriesUid, instanceUid } = request;
  if (instanceUid !== undefined && seriesUid === undefined) {
    throw new TandemError('usage', 'An instance is named together with its series');
  }
  const peer = await resolvePeer(request.peer);
  job.evidence?.({ inputs: [wantedInput(request)], settings: peerEvidence(peer) });
  const folder = resolve(request.out ?? join(receivedFolder(), studyUid));
  const wanted = { studyUid, seriesUid, instanceUid };
  job.progress({ stage: 'searching', done: 0, total: 0 });
  const expected = await expectedInstances(peer, wanted, job.signal);
  await makeReceivingFolder(folder);
  await sweepLeftovers(folder);
  const missingOf = (): ExpectedInstance[] =>
    (expected ?? []).filter(({ sopInstanceUid }) => !existsSync(instanceFile(folder, sopInstanceUid)));
  const present = (expected?.length ?? 0) - missingOf().length;

  const received = new Set<string>();
  const failures = new Map<string, NotDone>();
  let bytes = 0;
  let doneBefore = 0;
  const report = (): void =>
    job.progress({ stage: 'receiving', done: present + received.size, total: expected?.length ?? 0 });
  const fetch = fetchFrom(peer, {
    wanted,
    seriesSizes: sizes(expected ?? []),
    folder,
    method: request.method,
    move: { port: request.movePort, host: request.moveHost, from: request.moveFrom },
    events: {
      received: (uid, instance) => {
        received.add(uid);
        failures.delete(uid);
        bytes += instance.bytes;
        report();
      },
      failed: (uid, { code, message }) => failures.set(uid, { sopInstanceUid: uid, code, message }),
    },
  });
  report();
  let attempts = 0;
  try {
    attempts = await withRetries(
      async () => {
        throwIfCancelled(job.signal);
        const missing = expected === undefined ? undefined : missingOf();
        if (missing?.length === 0) return 'done';
        await fetch(missing, job.signal);
        return expected !== undefined && missingOf().length > 0 ? 'again' : 'done';
      },
      {
        retries: request.retries,
        madeProgress: () => {
          const before = doneBefore;
          doneBefore = received.size;
          return received.size > before;
        },
        job,
      },
    );
  } finally {
    const uids = [...received].sort();
    job.evidence?.({
      settings: { instances: uids.length, present, failed: failures.size },
      outputs: uids.length === 0 ? {} : { instances: sha256(uids.join('\n')) },
    });
  }
  for (const { sopInstanceUid } of missingOf()) {
    if (failures.has(sopInstanceUid)) continue;
    failures.set(sopInstanceUid, {
      sopInstanceUid,
      code: 'refused-by-peer',
      message: 'The PACS lists it and did not send it',
    });
  }
  return {
    folder,
    received: received.size,
    present,
    failed: [...failures.values()],
    attempts,
    bytes,
    seconds: (performance.now() - begun) / 1000,
  };
};

function wantedInput({ studyUid, seriesUid }: Request<'pacsGet'>) {
  return {
    role: 'fetched',
    studySha256: sha256(studyUid),
    ...(seriesUid !== undefined && { seriesSha256: sha256(seriesUid) }),
  };
}

function sizes(expected: readonly ExpectedInstance[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { seriesUid } of expected) counts.set(seriesUid, (counts.get(seriesUid) ?? 0) + 1);
  return counts;
}
