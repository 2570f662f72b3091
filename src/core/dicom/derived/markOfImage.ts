import { unacceptedMark } from './provenance.ts';

/** CANDIDATE or RETIRED, of the model that made an image. */
export type UnacceptedMark = NonNullable<ReturnType<typeof unacceptedMark>>;

/** As `enhancedSeriesDescription` ends it. */
const IN_DESCRIPTION = /\[enhanced x[24](?: .*)? (CANDIDATE|RETIRED) RUO\]$/;

/**
 * The mark that an image on disk carries, by its provenance or, where an archive took that out, by its Series
 * Description; undefined where no model made it, or one that ships or was accepted.
 *
 * @param provenance of the private block (`provenanceBlock`)
 */
export function markOfImage(
  provenance: string | undefined,
  seriesDescription: string | undefined,
): UnacceptedMark | undefined {
  const described = IN_DESCRIPTION.exec(seriesDescription?.trim() ?? '')?.[1] as UnacceptedMark | undefined;
  return unacceptedMark(stateIn(provenance)) ?? described;
}

function stateIn(provenance: string | undefined): Parameters<typeof unacceptedMark>[0] {
  if (provenance === undefined) return undefined;
  try {
    const { enhanced } = JSON.parse(provenance) as { enhanced?: { model?: { state?: unknown } } };
    const state = enhanced?.model?.state;
    return state === 'candidate' || state === 'retired' ? state : undefined;
  } catch {
    return undefined;
  }
}
