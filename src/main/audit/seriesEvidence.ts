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

function inputOf(role: string, { studyUid, summary }: SeriesEntry) {
  return { role, studySha256: sha256(studyUid), seriesSha256: sha256(summary.uid) };
}
