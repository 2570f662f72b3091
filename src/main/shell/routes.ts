import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { TandemError, toErrorData } from '../../core/errors.ts';
import type { VoxelShelf } from './contractSession.ts';
import type { DropShelf } from './dropShelf.ts';

/** Nothing inline, nothing from elsewhere; wasm and blob workers are the viewer's. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

const commonHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export interface RouteOptions {
  /** The built pages. */
  readonly rendererFolder: string;
  readonly voxels: VoxelShelf;
  readonly drops: DropShelf;
  /** Whether a request may have data (pages hold none and are open). */
  readonly authorised: (request: Request) => boolean;
}

/**
 * What a window fetches, from the browser shell's server and from Electron's custom protocol alike:
 *
 * - `GET /…`: the built pages; `GET /voxels/KEY`: voxels of a result, once;
 * - `POST /drop/ID/RELATIVE/PATH`: the bytes of a dropped file; `POST /drop/ID/done`: `{path}` of their folder.
 */
export function createRoutes(options: RouteOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await route(request, options);
    } catch (error) {
      const data = toErrorData(error);
      return respond(400, JSON.stringify({ error: data }), 'application/json');
    }
  };
}

async function route(request: Request, options: RouteOptions): Promise<Response> {
  const path = decodePath(request.url);
  const isData = path.startsWith('/voxels/') || path.startsWith('/drop/');
  if (isData && !options.authorised(request)) return respond(403, 'forbidden', 'text/plain');

  if (request.method === 'GET' && path.startsWith('/voxels/')) {
    const voxels = options.voxels.take(path.slice('/voxels/'.length));
    return voxels === undefined
      ? respond(404, 'these voxels were fetched before or dropped', 'text/plain')
      : respond(200, voxels as Uint8Array<ArrayBuffer>, 'application/octet-stream');
  }
  if (request.method === 'POST' && path.startsWith('/drop/')) {
    const [dropId = '', ...rest] = path.slice('/drop/'.length).split('/');
    if (rest.length === 1 && rest[0] === 'done') {
      return respond(200, JSON.stringify({ path: await options.drops.folderOf(dropId) }), 'application/json');
    }
    if (rest.length === 0 || request.body === null)
      throw new TandemError('usage', 'A dropped file has a path and bytes');
    await options.drops.add(dropId, rest.join('/'), request.body);
    return respond(204, null, 'text/plain');
  }
  if (request.method === 'GET' || request.method === 'HEAD') return page(path, options.rendererFolder);
  return respond(405, 'method not allowed', 'text/plain');
}

async function page(path: string, rendererFolder: string): Promise<Response> {
  const relative = normalize(path === '/' ? 'index.html' : path.slice(1));
  const type = mimeTypes[extname(relative)];
  if (
    relative.startsWith('..') ||
    relative.includes('\0') ||
    relative.startsWith(sep) ||
    type === undefined
  ) {
    return respond(404, 'not found', 'text/plain');
  }
  try {
    return respond(200, await readFile(join(rendererFolder, relative)), type);
  } catch {
    return respond(404, 'not found', 'text/plain');
  }
}

function decodePath(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    throw new TandemError('usage', 'The address is not valid');
  }
}

function respond(status: number, body: BodyInit | null, type: string): Response {
  return new Response(body, { status, headers: { ...commonHeaders, 'content-type': type } });
}
