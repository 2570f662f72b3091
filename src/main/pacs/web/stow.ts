import { createHash, randomUUID } from 'node:crypto';
import type { WebPeer } from '../../../core/contract/pacs.ts';
import { isPassing } from '../../../core/dicom/dimse/status.ts';
import { jsonItems, jsonText, parseJsonDataSets } from '../../../core/dicom/web/dicomJson.ts';
import { multipartTail, partHead } from '../../../core/dicom/web/multipart.ts';
import { TandemError } from '../../../core/errors.ts';
import { fileBytesFrom, type OutgoingInstance } from '../outgoing.ts';
import type { SendEvents } from '../sender.ts';
import { documentText, webRequest } from './client.ts';

/** STOW-RS (PS3.18, section 10.5): whole files, several to a request. */

const MAX_BATCH = 20;
const MAX_BATCH_BYTES = 64 << 20;
const DICOM = 'application/dicom';
const FAILED_SOP_SEQUENCE = 0x00081198;
const REFERENCED_SOP_SEQUENCE = 0x00081199;
const REFERENCED_SOP_INSTANCE_UID = 0x00081155;
const FAILURE_REASON = 0x00081197;
const WARNING_REASON = 0x00081196;
/** 409: none, or not all, was stored; the answer says which and why. Some servers answer 400 in its place. */
const CONFLICT = 409;
const BAD_REQUEST = 400;

/** @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`; one instance's failures go to `events` */
export async function stowInstances(
  peer: WebPeer,
  instances: readonly OutgoingInstance[],
  events: SendEvents,
  signal: AbortSignal,
): Promise<void> {
  for (const batch of batches(instances)) {
    for (const instance of batch) await events.begun(instance);
    await stowBatch(peer, batch, events, signal);
  }
}

/** Where a server refuses a whole request for one object in it, each is sent by itself: the others are taken. */
async function stowBatch(
  peer: WebPeer,
  batch: readonly OutgoingInstance[],
  events: SendEvents,
  signal: AbortSignal,
): Promise<void> {
  const digests = new Map<OutgoingInstance, string>();
  const answer = await post(peer, batch, digests, signal);
  if (answer === undefined && batch.length > 1) {
    for (const instance of batch) await stowBatch(peer, [instance], events, signal);
    return;
  }
  for (const instance of batch) {
    if (answer !== undefined) await tell(answer, instance, digests.get(instance) ?? '', events);
    else {
      const words = `The server refuses it: HTTP ${BAD_REQUEST}`;
      await events.refused(
        instance,
        new TandemError('refused-by-peer', words, { path: instance.path }),
        false,
      );
    }
  }
}

function* batches(instances: readonly OutgoingInstance[]): Generator<OutgoingInstance[]> {
  let batch: OutgoingInstance[] = [];
  let bytes = 0;
  for (const instance of instances) {
    if (batch.length === MAX_BATCH || (batch.length > 0 && bytes + instance.fileBytes > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(instance);
    bytes += instance.fileBytes;
  }
  if (batch.length > 0) yield batch;
}

interface Answer {
  readonly stored: ReadonlyMap<string, string>;
  readonly failed: ReadonlyMap<string, string>;
}

/** Undefined where the request was refused as bad without a word about its objects. */
async function post(
  peer: WebPeer,
  batch: readonly OutgoingInstance[],
  digests: Map<OutgoingInstance, string>,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const boundary = `tandem-${randomUUID()}`;
  const heads = batch.map((_, n) => partHead(boundary, DICOM, n === 0));
  const tail = multipartTail(boundary);
  const length = batch.reduce((sum, { fileBytes }, n) => sum + heads[n]!.length + fileBytes, tail.length);
  const response = await webRequest(
    peer,
    {
      method: 'POST',
      path: 'studies',
      accept: 'application/dicom+json',
      body: {
        contentType: `multipart/related; type="${DICOM}"; boundary=${boundary}`,
        length,
        bytes: parts(batch, heads, tail, digests),
      },
    },
    signal,
    [CONFLICT, BAD_REQUEST],
  );
  const text = await documentText(response);
  const names = [FAILED_SOP_SEQUENCE, REFERENCED_SOP_SEQUENCE].map((tag) =>
    tag.toString(16).padStart(8, '0'),
  );
  if (response.status === BAD_REQUEST && !names.some((name) => text.includes(`"${name}"`))) return undefined;
  const [answer = {}] = parseJsonDataSets(text);
  const byUid = (sequence: number, reason: number): Map<string, string> =>
    new Map(
      jsonItems(answer, sequence).map((item) => [
        jsonText(item, REFERENCED_SOP_INSTANCE_UID),
        jsonText(item, reason),
      ]),
    );
  return {
    stored: byUid(REFERENCED_SOP_SEQUENCE, WARNING_REASON),
    failed: byUid(FAILED_SOP_SEQUENCE, FAILURE_REASON),
  };
}

async function* parts(
  batch: readonly OutgoingInstance[],
  heads: readonly Uint8Array[],
  tail: Uint8Array,
  digests: Map<OutgoingInstance, string>,
): AsyncGenerator<Uint8Array> {
  for (const [n, instance] of batch.entries()) {
    yield heads[n]!;
    const hash = createHash('sha256');
    let at = 0;
    for await (const bytes of fileBytesFrom(instance, 0)) {
      // The digest is the data set's alone: the meta information may be another's.
      hash.update(bytes.subarray(Math.max(0, instance.dataSetOffset - at)));
      at += bytes.length;
      yield bytes;
    }
    digests.set(instance, hash.digest('hex'));
  }
  yield tail;
}

async function tell(
  answer: Answer,
  instance: OutgoingInstance,
  digest: string,
  events: SendEvents,
): Promise<void> {
  const { sopInstanceUid, path } = instance;
  const remark = answer.stored.get(sopInstanceUid);
  if (remark !== undefined) {
    await events.confirmed(instance, digest, remark === '' ? undefined : `warning ${reasonWords(remark)}`);
    return;
  }
  const reason = answer.failed.get(sopInstanceUid);
  const words =
    reason === undefined
      ? 'The server’s answer does not name it'
      : `The server refuses it: ${reasonWords(reason)}`;
  await events.refused(
    instance,
    new TandemError('refused-by-peer', words, { path }),
    isPassing(Number(reason ?? 0)),
  );
}

/** Failure reasons of PS3.18, table I.2-2, and the codes of a C-STORE. */
function reasonWords(reason: string): string {
  const code = Number(reason);
  if (reason === '' || !Number.isInteger(code)) return 'it gives no reason';
  const hex = `0x${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const words =
    code >>> 8 === 0xa7
      ? 'it is out of resources'
      : code >>> 8 === 0xa9
        ? 'the data set does not match its SOP class'
        : code >>> 12 === 0xc
          ? 'it could not make sense of it'
          : ({
              272: 'it could not be processed',
              273: 'it is there already',
              290: 'the SOP class is not supported',
            }[code] ?? 'it failed');
  return `${words} (${hex})`;
}
