import type { SeriesSummary } from './schemas.ts';

/** A series as people count them: one, or the volumes that repeat each other. */
export interface RepeatedSeries {
  /** The only one, or the first volume. */
  readonly series: SeriesSummary;
  /** All of them, in order, the first among them. */
  readonly volumes: readonly SeriesSummary[];
}

/** Entries of a list with those that repeat each other taken together, where the first of them stands. */
export function withRepetitionsTogether(list: readonly SeriesSummary[]): RepeatedSeries[] {
  const groups = Map.groupBy(list, ({ uid, repetition }) => repetition?.first ?? uid);
  return [...groups.values()].map((group) => {
    const volumes = [...group].sort((a, b) => (a.repetition?.volume ?? 1) - (b.repetition?.volume ?? 1));
    return { series: volumes[0]!, volumes };
  });
}

/** `300 volumes, …#t1 to …#t300`: how each volume is asked for; '' where there is one. */
export function describeVolumes({ volumes }: RepeatedSeries): string {
  if (volumes.length === 1) return '';
  const part = ({ uid }: SeriesSummary): string => `…${uid.slice(uid.indexOf('#'))}`;
  return `${volumes.length} volumes, ${part(volumes[0]!)} to ${part(volumes.at(-1)!)}`;
}
