import type { Peer } from '../../core/contract/pacs.ts';
import { matchesUids, type QueryValues } from '../../core/dicom/dimse/queryAttributes.ts';
import { isUid } from '../../core/dicom/dimse/uids.ts';
import { TandemError } from '../../core/errors.ts';
import { withFind } from './dimse/find.ts';
import { searchWeb } from './web/qido.ts';

/** One instance that a PACS says it has. */
export interface ExpectedInstance {
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  /** '' where the PACS does not say. */
  readonly sopClassUid: string;
}

/** The UIDs that name what is wanted. */
export interface Wanted {
  readonly studyUid: string;
  readonly seriesUid?: string | undefined;
  readonly instanceUid?: string | undefined;
}

/**
 * What a PACS has of a study, series or instance: asked before a retrieval, so that what did not come is known.
 * @returns undefined where it answers no queries
 * @throws TandemError `not-found` where it has none, `network-failed`, `cancelled`
 */
export async function expectedInstances(
  peer: Peer,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<ExpectedInstance[] | undefined> {
  let found: readonly QueryValues[];
  try {
    found = peer.kind === 'dimse' ? await byFind(peer, wanted, signal) : await bySearch(peer, wanted, signal);
  } catch (error) {
    if (error instanceof TandemError && error.code === 'refused-by-peer' && peer.kind === 'dimse')
      return undefined;
    throw error;
  }
  const instances = new Map<string, ExpectedInstance>();
  for (const { SeriesInstanceUID = '', SOPInstanceUID = '', SOPClassUID = '' } of found) {
    if (!isUid(SOPInstanceUID)) continue;
    instances.set(SOPInstanceUID, {
      seriesUid: SeriesInstanceUID,
      sopInstanceUid: SOPInstanceUID,
      sopClassUid: SOPClassUID,
    });
  }
  if (instances.size > 0) return [...instances.values()];
  throw new TandemError('not-found', 'The PACS has no such study, series or instance', {
    hint: 'Look for it with “tandem pacs find”.',
  });
}

/** The Study Root model is asked level by level: instances are listed for one series at a time. */
async function byFind(
  peer: Extract<Peer, { kind: 'dimse' }>,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<QueryValues[]> {
  return withFind(peer, 'image', signal, async (association) => {
    const StudyInstanceUID = wanted.studyUid;
    const ofStudy = { StudyInstanceUID, ...(wanted.seriesUid && { SeriesInstanceUID: wanted.seriesUid }) };
    const seriesUids =
      wanted.seriesUid === undefined
        ? (await association.find('series', ofStudy)).matches
            .filter((one) => matchesUids(one, ofStudy))
            .flatMap((one) => one.SeriesInstanceUID ?? [])
        : [wanted.seriesUid];
    const found: QueryValues[] = [];
    for (const SeriesInstanceUID of new Set(seriesUids)) {
      const keys = {
        StudyInstanceUID,
        SeriesInstanceUID,
        ...(wanted.instanceUid && { SOPInstanceUID: wanted.instanceUid }),
      };
      const { matches } = await association.find('image', keys);
      found.push(
        ...matches.filter((one) => matchesUids(one, keys)).map((one) => ({ ...one, SeriesInstanceUID })),
      );
    }
    return found;
  });
}

async function bySearch(
  peer: Extract<Peer, { kind: 'dicomweb' }>,
  { studyUid, seriesUid, instanceUid }: Wanted,
  signal: AbortSignal,
): Promise<readonly QueryValues[]> {
  const keys = {
    StudyInstanceUID: studyUid,
    ...(seriesUid && { SeriesInstanceUID: seriesUid }),
    ...(instanceUid && { SOPInstanceUID: instanceUid }),
  };
  return (await searchWeb(peer, 'image', keys, Number.MAX_SAFE_INTEGER, signal)).matches;
}
