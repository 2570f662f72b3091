import type { WebPeer } from '../../../core/contract/pacs.ts';
import { joinBytes } from '../../../core/dicom/dimse/bytes.ts';
import { type FileIdentity, type FileMeta, identityOf, parseFileMeta } from '../../../core/dicom/fileMeta.ts';
import { boundaryOf, type MultipartEvent, MultipartReader } from '../../../core/dicom/web/multipart.ts';
import { TandemError } from '../../../core/errors.ts';
import type { Wanted } from '../expected.ts';
import { connectionLost } from '../networkErrors.ts';
import { webRequest } from './client.ts';

/** WADO-RS (PS3.18, section 10.4): instances in whatever transfer syntax they are stored in. */

const ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*';
const MAX_META_BYTES = 1 << 20;
/** The UIDs of an object stand near its beginning: groups 0008 and 0020 come first. */
const IDENTITY_BYTES = 4096;

/**
 * Fetches a study, series or instance; each instance goes to `take` as it comes in: what it is, then the bytes of its data set, to be read to their end.
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`, and what `take` throws
 */
export async function retrieveWeb(
  peer: WebPeer,
  { studyUid, seriesUid, instanceUid }: Wanted,
  take: (identity: FileIdentity, dataSet: AsyncIterable<Uint8Array>) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const path =
    `studies/${studyUid}` +
    (seriesUid === undefined ? '' : `/series/${seriesUid}`) +
    (instanceUid === undefined ? '' : `/instances/${instanceUid}`);
  const response = await webRequest(peer, { method: 'GET', path, accept: ACCEPT }, signal);
  if (response.status === 204) return;
  const events = readParts(response.body, boundaryOf(response.contentType), new URL(peer.url).host);
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) return;
    if (value.type === 'part') await takePart(events, take);
  }
}

async function takePart(
  events: AsyncGenerator<MultipartEvent>,
  take: (identity: FileIdentity, dataSet: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  let head: Uint8Array = new Uint8Array();
  let ended = false;
  let meta: FileMeta | undefined;
  while (meta === undefined || (head.length < meta.dataSetOffset + IDENTITY_BYTES && !ended)) {
    const value = await nextOf(events);
    ended = value.type === 'end';
    if (value.type === 'bytes') head = joinBytes([head, value.bytes]);
    if (head.length > MAX_META_BYTES) {
      throw new TandemError('bad-header', 'What the server sends begins with no DICOM header');
    }
    meta ??= parseFileMeta(head, ended);
  }
  const { sopClassUid, sopInstanceUid } = identityOf(head, meta);
  const rest = head.subarray(meta.dataSetOffset);
  async function* dataSet(): AsyncGenerator<Uint8Array> {
    if (rest.length > 0) yield rest;
    while (!ended) {
      const value = await nextOf(events);
      if (value.type === 'bytes') yield value.bytes;
      ended = value.type === 'end';
    }
  }
  const source = dataSet();
  const { transferSyntaxUid } = meta;
  await take({ sopClassUid, sopInstanceUid, transferSyntaxUid }, source);
  // What was not wanted still has to be passed over.
  for await (const _ of source);
  while (!ended) ended = (await nextOf(events)).type === 'end';
}

async function nextOf(events: AsyncGenerator<MultipartEvent>): Promise<MultipartEvent> {
  const { done, value } = await events.next();
  if (done === true) throw connectionLost('the server', 'its answer ends too soon');
  return value;
}

async function* readParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  name: string,
): AsyncGenerator<MultipartEvent> {
  const reader = new MultipartReader(boundary);
  for await (const chunk of body) yield* reader.push(chunk);
  try {
    reader.finish();
  } catch {
    throw connectionLost(name, 'its answer ends too soon');
  }
}
