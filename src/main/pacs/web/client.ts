import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WebPeer } from '../../../core/contract/pacs.ts';
import { displayText } from '../../../core/dicom/charset.ts';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import { networkError, timedOut } from '../networkErrors.ts';
import { readTlsFiles } from '../tlsFiles.ts';
import { authorization, checkSecretsTravelSafely } from './credentials.ts';

/** One request to a DICOMweb server. Node's own client, not fetch: only it takes a CA and certificates. */
export interface WebRequest {
  readonly method: 'GET' | 'POST';
  /** Below the service's root, with its query. */
  readonly path: string;
  readonly accept: string;
  readonly body?: {
    readonly contentType: string;
    readonly length: number;
    readonly bytes: AsyncIterable<Uint8Array>;
  };
}

export interface WebResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
}

const MAX_ERROR_BYTES = 4096;
const MAX_DOCUMENT_BYTES = 64 << 20;

/**
 * Sends a request and returns once the answer's head is there. Redirects are not followed: a token goes to
 * the server that it was set up for and to no other.
 * @param alsoFine statuses beside 2xx whose answers the caller reads
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`
 */
export async function webRequest(
  peer: WebPeer,
  { method, path, accept, body }: WebRequest,
  signal: AbortSignal,
  alsoFine: readonly number[] = [],
): Promise<WebResponse> {
  throwIfCancelled(signal);
  checkSecretsTravelSafely(peer);
  const url = new URL(`${peer.url.replace(/\/+$/, '')}/${path}`);
  const name = url.host;
  const timeoutMs = peer.timeoutSeconds * 1000;
  const [tls, signIn] = await Promise.all([readTlsFiles(peer.tls ?? {}), authorization(peer)]);
  const headers = {
    accept,
    ...(signIn === undefined ? {} : { authorization: signIn }),
    ...(body === undefined ? {} : { 'content-type': body.contentType, 'content-length': body.length }),
  };
  const options = { method, headers, signal, timeout: timeoutMs, agent: false };
  const request =
    url.protocol === 'https:'
      ? requestHttps(url, { ...options, ...tls, servername: peer.tls?.serverName })
      : requestHttp(url, options);
  let tooSlow: TandemError | undefined;
  request.on('timeout', () => {
    tooSlow = timedOut(name, timeoutMs);
    request.destroy(tooSlow);
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  // Sending and answering go on at the same time: a server may refuse before it has read everything.
  const sent = body === undefined ? request.end() : pipeline(Readable.from(body.bytes), request);
  const sending = Promise.resolve(sent).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    const response = await Promise.race([
      answered,
      sending.then((error) => (error instanceof TandemError ? Promise.reject(error) : answered)),
    ]);
    const status = response.statusCode ?? 0;
    if ((status < 200 || status > 299) && !alsoFine.includes(status))
      throw await refusal(response, name, method, path);
    return {
      status,
      contentType: response.headers['content-type'] ?? '',
      body: bodyOf(response, name, signal, () => tooSlow),
    };
  } catch (error) {
    answered.catch(() => {});
    request.destroy();
    throwIfCancelled(signal);
    throw networkError(tooSlow ?? error, name);
  }
}

async function* bodyOf(
  response: IncomingMessage,
  name: string,
  signal: AbortSignal,
  tooSlow: () => TandemError | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throwIfCancelled(signal);
    throw networkError(tooSlow() ?? error, name);
  }
}

/** What a status means to the user; a few words of the server's own are passed on. */
async function refusal(
  response: IncomingMessage,
  name: string,
  method: string,
  path: string,
): Promise<TandemError> {
  const status = response.statusCode ?? 0;
  const said = await textOf(response, MAX_ERROR_BYTES).catch(() => '');
  // Markup of an error page helps nobody.
  const words = said.trimStart().startsWith('<') ? '' : displayText(said, 160);
  const about = `${method} ${path.split('?')[0]?.slice(0, 120)}: HTTP ${status}${words === '' ? '' : `, ${words}`}`;
  if (status === 401 || status === 403) {
    return new TandemError('refused-by-peer', `${name} does not let this user in (${about})`, {
      hint: 'Check user, password or token; a token may have expired.',
    });
  }
  if (status === 404) {
    return new TandemError('refused-by-peer', `${name} knows no such thing (${about})`, {
      hint: 'Check the address: it is the root of the DICOMweb service, such as https://host/dicom-web.',
    });
  }
  if (status >= 300 && status < 400) {
    return new TandemError('refused-by-peer', `${name} refers to another address (${about})`, {
      hint: 'Set up the address that it refers to.',
    });
  }
  const passing = status === 408 || status === 429 || status === 502 || status === 503 || status === 504;
  return new TandemError(
    passing ? 'network-failed' : 'refused-by-peer',
    `${name} refuses the request (${about})`,
    {
      hint: passing ? 'Try again later.' : 'The server’s own log may say more.',
    },
  );
}

async function textOf(source: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    parts.push(part);
    length += part.length;
    if (length >= limit) break;
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8');
}

/** A whole document, such as JSON. @throws TandemError `network-failed` beyond 64 MB */
export async function documentText(response: WebResponse): Promise<string> {
  const text = await textOf(response.body, MAX_DOCUMENT_BYTES + 1);
  if (text.length > MAX_DOCUMENT_BYTES) {
    throw new TandemError('network-failed', 'The server’s answer is longer than 64 MB', {
      hint: 'Narrow the search down.',
    });
  }
  return text;
}
