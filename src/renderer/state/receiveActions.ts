import type { RequestInput } from '../../core/contract/operations.ts';
import { joinPath } from './hostPaths.ts';
import { aeTitlesOf, setPacs, usePacs } from './pacsStore.ts';
import { cancelJob, runJob, workstation } from './session.ts';

const LOCAL = '127.0.0.1';
/** The provider's own words that are kept. */
const MOST_SAID = 50;
/** How long it is quiet before what has arrived is looked through. */
const QUIET_MS = 1500;

/** Switches the storage provider on. It listens until it is switched off or the window is closed. */
export async function startReceiving(): Promise<void> {
  const { receive } = usePacs.getState();
  const request: RequestInput<'pacsReceive'> = {
    out: inbox(),
    port: Number(receive.port),
    host: receive.listenOn === 'local' ? LOCAL : undefined,
    aeTitle: receive.aeTitle,
    allow: aeTitlesOf(receive.allow),
  };
  setPacs({ arrivals: null, received: null });
  let looking: ReturnType<typeof setTimeout> | undefined;
  const received = await runJob('receive', (options) =>
    workstation().call('pacsReceive', request, {
      ...options,
      onProgress: (progress) => {
        options.onProgress(progress);
        const before = usePacs.getState().arrivals;
        const { done, message, stage } = progress;
        // Every object says from whom it came: once is enough until somebody else does.
        const isNew = stage !== 'listening' && message !== undefined && message !== before?.said[0];
        const said = isNew ? [message] : [];
        setPacs({
          arrivals: {
            studies: before?.studies ?? [],
            count: done,
            said: [...said, ...(before?.said ?? [])].slice(0, MOST_SAID),
          },
        });
        if (done === before?.count) return;
        clearTimeout(looking);
        looking = setTimeout(() => void lookThrough(), QUIET_MS);
      },
    }),
  );
  clearTimeout(looking);
  if (received === undefined) return;
  setPacs({ received });
  if (received.received > 0) await lookThrough();
}

export function stopReceiving(): void {
  cancelJob('receive');
}

/** The folder that is received into. */
export function inbox(): string {
  const { receive, receivedFolder } = usePacs.getState();
  return receive.folder.trim() === '' ? joinPath(receivedFolder, 'inbox') : receive.folder.trim();
}

/** Which studies have arrived: an object that is still coming in is not there yet, and is no trouble. */
async function lookThrough(): Promise<void> {
  const found = await workstation()
    .call('list', { paths: [inbox()] })
    .catch(() => undefined);
  const { arrivals } = usePacs.getState();
  if (found !== undefined && arrivals !== null)
    setPacs({ arrivals: { ...arrivals, studies: found.studies } });
}
