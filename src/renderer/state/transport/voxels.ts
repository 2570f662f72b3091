import { TandemError } from '../../../core/errors.ts';

/** How the window asks its own origin for bytes: with the token, where the shell has one. */
export type FetchBytes = (url: string, signal: AbortSignal | undefined) => Promise<Uint8Array>;

/** Fetches from the page's own origin only. Throws `failed` when the bytes are gone or refused. */
export function bytesFetcher(currentToken: () => string | undefined): FetchBytes {
  return async (url, signal) => {
    const token = currentToken();
    const address = new URL(url, window.location.href);
    if (address.origin !== new URL(window.location.href).origin) {
      throw new TandemError('failed', 'The workstation named an address outside itself');
    }
    const response = await fetch(address, {
      headers: token === undefined ? {} : { 'x-tandem-token': token },
      signal: signal ?? null,
    });
    if (!response.ok) {
      throw new TandemError('failed', `The image data could not be fetched (HTTP ${response.status})`, {
        hint: 'Try again; if it stays, restart the workstation.',
      });
    }
    return new Uint8Array(await response.arrayBuffer());
  };
}

/**
 * A result as the contract defines it: voxels travel beside the JSON, as `{ url }`, and are put back in
 * their place here. Results without voxels pass unchanged.
 */
export async function withVoxels(
  result: unknown,
  fetchBytes: FetchBytes,
  signal?: AbortSignal,
): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !('voxels' in result)) return result;
  const voxels: unknown = result.voxels;
  if (voxels instanceof Uint8Array) return result;
  if (typeof voxels !== 'object' || voxels === null || !('url' in voxels) || typeof voxels.url !== 'string') {
    throw new TandemError('failed', 'The workstation sent an image without its data');
  }
  return { ...result, voxels: await fetchBytes(voxels.url, signal) };
}
