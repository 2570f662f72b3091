import type { DimsePeer, Peer, WebPeer } from '../../core/contract/pacs.ts';
import { MR_STORAGE_CLASSES } from '../../core/dicom/dimse/uids.ts';
import { type ErrorData, toErrorData } from '../../core/errors.ts';
import { CLASSES_PER_ASSOCIATION, getInstances, type Retrieval } from './dimse/get.ts';
import { type MoveHere, moveToHere } from './dimse/moveHere.ts';
import type { Taken } from './dimse/takeStore.ts';
import type { ExpectedInstance, Wanted } from './expected.ts';
import { type ReceivedInstance, writeInstance } from './incoming.ts';
import { retrieveWeb } from './web/wado.ts';

/** What comes in during a retrieval. */
export interface RetrieveEvents {
  readonly received: (sopInstanceUid: string, instance: ReceivedInstance) => void;
  readonly failed: (sopInstanceUid: string, error: ErrorData) => void;
}

/** Fetches what is missing of what was asked for; `missing` undefined: all of it, whatever that is. */
export type Fetch = (missing: readonly ExpectedInstance[] | undefined, signal: AbortSignal) => Promise<void>;

export interface FetchOptions {
  readonly wanted: Wanted;
  /** How many instances are known of each series: one that lacks all of them is asked for as a whole. */
  readonly seriesSizes: ReadonlyMap<string, number>;
  readonly folder: string;
  readonly method: 'get' | 'move';
  readonly move: MoveHere;
  readonly events: RetrieveEvents;
}

/** Longest list of instances asked for at once: an identifier stays far below 64 kB. */
const MAX_LISTED = 100;

export function fetchFrom(peer: Peer, options: FetchOptions): Fetch {
  if (peer.kind === 'dicomweb') return webFetch(peer, options);
  return options.method === 'move' ? moveFetch(peer, options) : getFetch(peer, options);
}

function getFetch(peer: DimsePeer, options: FetchOptions): Fetch {
  const { folder } = options;
  const taken = takenTo(options.events);
  return async (missing, signal) => {
    if (missing === undefined) {
      await getInstances(peer, [retrievalOf(options.wanted)], MR_STORAGE_CLASSES, folder, taken, signal);
      return;
    }
    for (const { series, classes } of byClasses(missing)) {
      const retrievals = series.flatMap((members) => retrievalsOf(members, options));
      await getInstances(peer, retrievals, classes, folder, taken, signal);
    }
  };
}

function moveFetch(peer: DimsePeer, options: FetchOptions): Fetch {
  return async (missing, signal) => {
    const retrievals =
      missing === undefined
        ? [retrievalOf(options.wanted)]
        : [...Map.groupBy(missing, ({ seriesUid }) => seriesUid).values()].flatMap((members) =>
            retrievalsOf(members, options),
          );
    const taken = takenTo(options.events);
    await moveToHere(peer, retrievals, options.move, { folder: options.folder, taken, signal });
  };
}

function webFetch(peer: WebPeer, { wanted, seriesSizes, folder, events }: FetchOptions): Fetch {
  const fetchOne = (resource: Wanted, missing: ReadonlySet<string> | undefined, signal: AbortSignal) =>
    retrieveWeb(
      peer,
      resource,
      async (identity, dataSet) => {
        const { sopInstanceUid } = identity;
        if (missing !== undefined && !missing.has(sopInstanceUid)) return;
        events.received(sopInstanceUid, await writeInstance(folder, identity, dataSet));
      },
      signal,
    );
  return async (missing, signal) => {
    if (missing === undefined) return fetchOne(wanted, undefined, signal);
    const uids = new Set(missing.map(({ sopInstanceUid }) => sopInstanceUid));
    for (const [seriesUid, members] of Map.groupBy(missing, (one) => one.seriesUid)) {
      const { studyUid } = wanted;
      if (seriesUid === '') await fetchOne(wanted, uids, signal);
      else if (members.length === seriesSizes.get(seriesUid) && wanted.instanceUid === undefined) {
        await fetchOne({ studyUid, seriesUid }, uids, signal);
      } else {
        for (const { sopInstanceUid: instanceUid } of members) {
          await fetchOne({ studyUid, seriesUid, instanceUid }, uids, signal);
        }
      }
    }
  };
}

function takenTo(events: RetrieveEvents): (taken: Taken) => void {
  return (taken) => {
    if ('instance' in taken) events.received(taken.sopInstanceUid, taken.instance);
    else events.failed(taken.sopInstanceUid, toErrorData(taken.error));
  };
}

function retrievalOf({ studyUid, seriesUid, instanceUid }: Wanted): Retrieval {
  const StudyInstanceUID = studyUid;
  if (seriesUid === undefined) return { level: 'study', keys: { StudyInstanceUID } };
  const ofSeries = { StudyInstanceUID, SeriesInstanceUID: seriesUid };
  if (instanceUid === undefined) return { level: 'series', keys: ofSeries };
  return { level: 'image', keys: { ...ofSeries, SOPInstanceUID: instanceUid } };
}

function retrievalsOf(
  members: readonly ExpectedInstance[],
  { wanted: { studyUid, instanceUid }, seriesSizes }: FetchOptions,
): Retrieval[] {
  const seriesUid = members[0]!.seriesUid;
  if (instanceUid === undefined && members.length === seriesSizes.get(seriesUid)) {
    return [retrievalOf({ studyUid, seriesUid })];
  }
  const uids = members.map(({ sopInstanceUid }) => sopInstanceUid);
  const lists = Array.from({ length: Math.ceil(uids.length / MAX_LISTED) }, (_, n) =>
    uids.slice(n * MAX_LISTED, (n + 1) * MAX_LISTED),
  );
  return lists.map((list) => retrievalOf({ studyUid, seriesUid, instanceUid: list.join('\\') }));
}

/** Series together as far as their SOP classes fit into one association in every transfer syntax. */
function byClasses(
  missing: readonly ExpectedInstance[],
): { series: ExpectedInstance[][]; classes: string[] }[] {
  const groups: { series: ExpectedInstance[][]; classes: string[] }[] = [];
  for (const members of Map.groupBy(missing, ({ seriesUid }) => seriesUid).values()) {
    const named = new Set(members.map(({ sopClassUid }) => sopClassUid));
    const own = named.has('') ? [...MR_STORAGE_CLASSES] : [...named];
    const last = groups.at(-1);
    const together = [...new Set([...(last?.classes ?? []), ...own])];
    if (last !== undefined && together.length <= Math.max(CLASSES_PER_ASSOCIATION, own.length)) {
      last.series.push(members);
      last.classes = together;
    } else groups.push({ series: [members], classes: own });
  }
  return groups;
}
