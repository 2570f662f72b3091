import { C } from '../derived/companionTags.ts';
import { COMPREHENSIVE_3D_SR_STORAGE } from '../derived/uids.ts';
import type { Member } from './member.ts';
import type { FoundReference } from './references.ts';
import type { Tell } from './series.ts';

/** What a reference can resolve to. */
type Instance = Pick<Member, 'sopClassUid' | 'sopInstanceUid' | 'studyUid' | 'seriesUid'>;

/**
 * Holds the references of objects against the instances that are there: those of their own series, and of the
 * source where it is given.
 *
 * @param source instances that the objects were made from; undefined where they were not given
 */
export function checkReferences(
  members: readonly Member[],
  source: readonly Instance[] | undefined,
  tell: Tell,
): void {
  const known = new Map<string, Instance>();
  for (const one of [...(source ?? []), ...members]) known.set(one.sopInstanceUid, one);
  const knownSeries = new Set([...known.values()].map(({ seriesUid }) => seriesUid));
  const inSource = new Set(source?.map(({ sopInstanceUid }) => sopInstanceUid));
  for (const member of members) {
    for (const reference of member.references) {
      checkReference(member, reference, { known, knownSeries, isSourceGiven: source !== undefined }, tell);
    }
    checkListed(member, tell);
    const namesSource = member.references.some(({ sopInstanceUid }) => inSource.has(sopInstanceUid));
    // A de-identified object names its source by the source's new UIDs.
    if (source !== undefined && member.isOurs && !member.isDeidentified && !namesSource) {
      tell(member)(
        'error',
        'source-not-named',
        [C.SourceImageSequence],
        'No instance of the source is named',
      );
    }
  }
}

function checkReference(
  member: Member,
  reference: FoundReference,
  {
    known,
    knownSeries,
    isSourceGiven,
  }: {
    readonly known: ReadonlyMap<string, Instance>;
    readonly knownSeries: ReadonlySet<string>;
    readonly isSourceGiven: boolean;
  },
  tell: Tell,
): void {
  const { sopInstanceUid, sopClassUid, seriesUid, studyUid, place } = reference;
  const here = [...place, C.ReferencedSOPInstanceUID];
  const broken = (message: string) => tell(member)('error', 'broken-reference', here, message);
  if (sopInstanceUid === member.sopInstanceUid) {
    broken('An object refers to itself');
    return;
  }
  const found = known.get(sopInstanceUid);
  if (found === undefined) {
    if (seriesUid === undefined) return;
    if (knownSeries.has(seriesUid)) broken('An instance is named that its series does not have');
    else if (isSourceGiven && !member.isDeidentified) {
      tell(member)(
        'warning',
        'unknown-reference',
        here,
        'A series is named that was not given: its instances are not checked',
      );
    }
    return;
  }
  if (found.sopClassUid !== sopClassUid) broken('An instance is named with another SOP class than it has');
  if (seriesUid === undefined) return;
  if (found.seriesUid !== seriesUid) broken('An instance is named in another series than it is in');
  if (found.studyUid !== studyUid) broken('An instance is named in another study than it is in');
}

/** Every instance that is used must be listed by series: in Common Instance Reference, or in a report's evidence. */
function checkListed(member: Member, tell: Tell): void {
  if (!member.isOurs && member.sopClassUid !== COMPREHENSIVE_3D_SR_STORAGE) return;
  const listed = new Set(
    member.references
      .filter(({ seriesUid }) => seriesUid !== undefined)
      .map(({ sopInstanceUid }) => sopInstanceUid),
  );
  const missing = member.references.find(({ sopInstanceUid }) => !listed.has(sopInstanceUid));
  if (missing === undefined) return;
  tell(member)(
    'error',
    'unlisted-reference',
    [...missing.place, C.ReferencedSOPInstanceUID],
    'An instance is used that the list of referenced instances does not have',
  );
}
