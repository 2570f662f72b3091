import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { type WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod';
import type { Workstation } from '../../core/contract/workstation.ts';
import { TandemError } from '../../core/errors.ts';
import { Access, fingerprint } from './access.ts';
import { ContractSession, type ToWindow, VoxelShelf } from './contractSession.ts';
import { DropShelf } from './dropShelf.ts';
import { createRoutes } from './routes.ts';

const hello = z.object({ type: z.literal('hello'), token: z.string() });

/** Requests are small; voxels and dropped files do not travel here. */
const MAX_MESSAGE_BYTES = 1 << 20;
const HELLO_WITHIN_MS = 10_000;
const LEFT_AFTER_MS = 3000;

export interface BrowserShell {
  /** Address with the one-time token, for the first page. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the window and the contract on 127.0.0.1. Throws `failed` where the port is taken.
 * The page says `{type: 'hello', token}` first and learns its session key: `{type: 'welcome', session}`.
 */
export async function startBrowserShell(options: {
  workstation: Workstation;
  rendererFolder: string;
  /** 0 takes any free port, the one that is wished for where it is free. */
  port: number;
  wishedPort?: number | undefined;
  /** Fingerprints of session keys that were given out before this start. */
  known?: readonly string[];
  /** A window was let in: the fingerprint of its session key. */
  onEntered?: (sha256: string, port: number) => void;
  /** The last window was closed, and nobody came back for a while: the address that lets its user in again. */
  onLeft?: (url: string) => void;
  /** How long a reload may take. */
  leftAfterMs?: number;
}): Promise<BrowserShell> {
  const access = new Access(options.known);
  const voxels = new VoxelShelf();
  const drops = new DropShelf();
  const routes = createRoutes({
    rendererFolder: options.rendererFolder,
    voxels,
    drops,
    authorised: (request) => access.knows(request.headers.get('x-tandem-token') ?? ''),
  });
  const server = createServer((request, response) => void serveHttp(request, response, routes));
  const wished = options.port === 0 ? options.wishedPort : undefined;
  const port =
    (wished === undefined ? undefined : await listen(server, wished).catch(() => undefined)) ??
    (await listen(server, options.port));
  const origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];

  const address = (): string => `${origins[0]}/#token=${access.token}`;
  let windows = 0;
  let left: ReturnType<typeof setTimeout> | undefined;
  const onWindow = (change: 1 | -1): void => {
    windows += change;
    clearTimeout(left);
    if (windows > 0) return;
    left = setTimeout(() => {
      access.renew();
      options.onLeft?.(address());
    }, options.leftAfterMs ?? LEFT_AFTER_MS);
    left.unref();
  };

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  server.on('upgrade', (request, socket, head) => {
    const sameOrigin = request.headers.origin !== undefined && origins.includes(request.headers.origin);
    if (request.url !== '/contract' || !hostIsLocal(request) || !sameOrigin) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      converse(webSocket, access, {
        ...{ workstation: options.workstation, voxels, onWindow },
        onEntered: (key) => options.onEntered?.(fingerprint(key), port),
      }),
    );
  });

  return {
    url: address(),
    port,
    close: async () => {
      clearTimeout(left);
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await drops.clear();
    },
  };
}

/** The first message must be `hello` with a credential; then the contract is spoken. */
function converse(
  socket: WebSocket,
  access: Access,
  parts: {
    readonly workstation: Workstation;
    readonly voxels: VoxelShelf;
    readonly onWindow: (change: 1 | -1) => void;
    readonly onEntered: (key: string) => void;
  },
): void {
  const send = (message: ToWindow | { type: 'welcome'; session: string }) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  let session: ContractSession | undefined;
  const tooLate = setTimeout(() => {
    if (!session) socket.close(4401, 'no hello');
  }, HELLO_WITHIN_MS);

  socket.on('message', (data) => {
    try {
      const message: unknown = JSON.parse(data.toString());
      if (session) {
        session.receive(message);
        return;
      }
      const greeting = hello.safeParse(message);
      const key = greeting.success ? access.enter(greeting.data.token) : undefined;
      if (key === undefined) {
        socket.close(4401, 'wrong or spent token');
        return;
      }
      session = new ContractSession(parts.workstation, parts.voxels, send);
      parts.onWindow(1);
      parts.onEntered(key);
      send({ type: 'welcome', session: key });
    } catch (error) {
      socket.close(4400, error instanceof TandemError ? error.message : 'not JSON');
    }
  });
  socket.on('close', () => {
    clearTimeout(tooLate);
    if (session === undefined) return;
    session.close();
    parts.onWindow(-1);
  });
  socket.on('error', () => socket.terminate());
}

async function serveHttp(
  request: IncomingMessage,
  response: ServerResponse,
  routes: (request: Request) => Promise<Response>,
): Promise<void> {
  if (!hostIsLocal(request)) {
    response.writeHead(403).end();
    return;
  }
  let asked: Request;
  try {
    asked = toFetchRequest(request);
  } catch {
    // A method or an address that a page cannot send.
    response.writeHead(400, { connection: 'close' }).end();
    return;
  }
  const answer = await routes(asked);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (request.method === 'HEAD' || answer.body === null) response.end();
  else response.end(Buffer.from(await answer.arrayBuffer()));
}

/** The request as pages know it. Throws `TypeError` for a method or address that `fetch` would refuse. */
function toFetchRequest(request: IncomingMessage): Request {
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  return new Request(new URL(`http://${request.headers.host}${request.url ?? '/'}`), {
    method: request.method ?? 'GET',
    headers,
    body: hasBody ? (Readable.toWeb(request) as ReadableStream) : null,
    ...(hasBody ? { duplex: 'half' } : {}),
  } as RequestInit);
}

/** A page elsewhere that had its own name point here (DNS rebinding) does not get in. */
function hostIsLocal(request: IncomingMessage): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  return host === '127.0.0.1' || host === 'localhost';
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new TandemError('failed', taken ? `Port ${port} is in use` : error.message, {
          hint: 'Name another with --port, or leave it out for any free one.',
        }),
      );
    };
    server.once('error', refuse);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TandemError('failed', 'No port was given out');
  return address.port;
}
