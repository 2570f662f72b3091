import type { Evidence } from '../../core/contract/auditing.ts';
import type { Provenance } from '../../core/dicom/derived/provenance.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { sha256 } from './entry.ts';

/** What an enhanced series was made with and from. UIDs are hashed: they lead to a patient. */
export function seriesEvidence(series: {
  readonly target: SeriesEntry;
  readonly reference?: SeriesEntry | undefined;
  readonly provenance: Provenance;
}): Evidence {
  const { target, reference, provenance } = series;
  const { model, registration, device } = provenance;
  return {
    model: {
      id: model.id,
      version: model.version,
      weightsSha256: model.weightsSha256,
      ...(model.state !== undefined && { state: model.state }),
    },
    inputs: [
      inputOf('target', target),
      ...(reference === undefined ? [] : [inputOf('reference', reference)]),
    ],
    settings: { ranOn: device, registrationVerdict: registration.verdict },
  };
}

/** A series that was used, by the hashes of its UIDs. */
export function inputOf(role: string, { studyUid, summary }: Pick<SeriesEntry, 'studyUid' | 'summary'>) {
  return { role, studySha256: sha256(studyUid), seriesSha256: sha256(summary.uid) };
}

/** Of more series the first are named, and how many there were. */
const MOST_NAMED = 200;

/**
 * Objects that came, went or were copied: their series by hashes, and what they were together, by one hash over
 * their sorted SOP Instance UIDs. UIDs that are not known are ''.
 */
export function instancesEvidence(
  role: string,
  instances: readonly {
    readonly studyUid: string;
    readonly seriesUid: string;
    readonly sopInstanceUid: string;
  }[],
): Evidence {
  const series = [...Map.groupBy(instances, (one) => `${one.studyUid} ${one.seriesUid}`).values()];
  const uids = instances.map(({ sopInstanceUid }) => sopInstanceUid).sort();
  return {
    inputs: series.slice(0, MOST_NAMED).map(([first]) => ({
      role,
      ...(first!.studyUid !== '' && { studySha256: sha256(first!.studyUid) }),
      ...(first!.seriesUid !== '' && { seriesSha256: sha256(first!.seriesUid) }),
    })),
    settings: { series: series.length, instances: instances.length },
    outputs: uids.length === 0 ? {} : { instances: sha256(uids.join('\n')) },
  };
}
