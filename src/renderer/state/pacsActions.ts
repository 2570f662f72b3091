import type { RequestInput, Result } from '../../core/contract/operations.ts';
import type { Destination } from '../../core/contract/pacs.ts';
import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { setPacs, usePacs } from './pacsStore.ts';
import { wordsOf } from './pacsWords.ts';
import { clearJob, runJob, workstation } from './session.ts';
import { type SendResult, setApp, useApp } from './store.ts';

export type DestinationInput = RequestInput<'pacsSaveDestination'>['destination'];

/** Asks which PACS are set up. Returns what went wrong, if anything did. */
export async function loadDestinations(): Promise<ErrorData | undefined> {
  return attempt(async () => {
    const { destinations, receivedFolder } = await workstation().call('pacsDestinations', {});
    setPacs({ receivedFolder });
    show(destinations);
  });
}

/** @param replaces the name of the one that was edited */
export async function saveDestination(
  destination: DestinationInput,
  replaces: string | undefined,
): Promise<ErrorData | undefined> {
  return attempt(async () => {
    const saved = await workstation().call('pacsSaveDestination', { destination, replaces });
    show(saved.destinations);
    if (useApp.getState().sendTo === replaces) setApp({ sendTo: destination.name });
  });
}

export async function removeDestination(name: string): Promise<ErrorData | undefined> {
  return attempt(async () =>
    show((await workstation().call('pacsRemoveDestination', { name })).destinations),
  );
}

/** Whether a PACS answers: how long it took and what to mind, or why not. */
export async function testDestination(
  peer: RequestInput<'pacsEcho'>['peer'],
): Promise<Result<'pacsEcho'> | ErrorData> {
  try {
    return await workstation().call('pacsEcho', { peer });
  } catch (error) {
    return wordsOf(toErrorData(error));
  }
}

/** Sends the exported series to the chosen PACS. */
export async function sendExported(): Promise<void> {
  const { exported, sendTo } = useApp.getState();
  if (exported === null || sendTo === null) return;
  setApp({ sent: null });
  const { files, companions } = exported.output;
  const sent = await sendFiles([...files, ...companions]);
  if (sent !== undefined && useApp.getState().exported === exported) setApp({ sent });
}

/** Sends files to the chosen PACS: what came of it, or undefined where the job tells why not. */
export async function sendFiles(paths: readonly string[]): Promise<SendResult | undefined> {
  const { sendTo } = useApp.getState();
  if (sendTo === null) return undefined;
  return runJob('send', (options) =>
    workstation().call('pacsStore', { peer: sendTo, paths: [...paths] }, options),
  );
}

export function chooseDestination(name: string): void {
  clearJob('send');
  setApp({ sendTo: name, sent: null });
}

function show(destinations: readonly Destination[]): void {
  const { sendTo } = useApp.getState();
  const isKept = destinations.some(({ name }) => name === sendTo);
  setApp({ destinations, ...(isKept ? {} : { sendTo: destinations[0]?.name ?? null }) });
  const { peer } = usePacs.getState();
  if (!destinations.some(({ name }) => name === peer)) setPacs({ peer: destinations[0]?.name ?? null });
}

async function attempt(work: () => Promise<void>): Promise<ErrorData | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return wordsOf(toErrorData(error));
  }
}
