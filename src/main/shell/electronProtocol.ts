import { protocol } from 'electron';
import { rendererFolder } from '../paths.ts';
import type { VoxelShelf } from './contractSession.ts';
import type { DropShelf } from './dropShelf.ts';
import { createRoutes } from './routes.ts';

const scheme = 'app';
/** The only address the window ever shows. */
export const appOrigin = `${scheme}://tandem`;

/** Before the app is ready: a standard, secure origin of its own instead of file://. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** Serves pages and voxels under app://tandem; only the app's own windows can reach this scheme. */
export function serveProtocol(voxels: VoxelShelf, drops: DropShelf): void {
  const routes = createRoutes({
    rendererFolder,
    voxels,
    drops,
    authorised: () => true,
  });
  protocol.handle(scheme, (request) => {
    if (!request.url.startsWith(`${appOrigin}/`)) return new Response('not found', { status: 404 });
    return routes(request as unknown as Request) as never;
  });
}
