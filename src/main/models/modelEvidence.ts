import type { Evidence } from '../../core/contract/auditing.ts';
import type { ModelCard } from './card.ts';

/** What a package is and was made of, for the audit log. */
export function modelEvidence({ id, version, weights, training }: ModelCard): Evidence {
  const parent = training?.initialisedFrom;
  return {
    model: {
      id,
      version,
      weightsSha256: weights.sha256,
      ...(parent !== undefined && { parent: parent.id, parentSha256: parent.sha256 }),
    },
    inputs: [
      ...(training?.data === undefined
        ? []
        : [{ role: 'training data', sha256: training.data.manifestSha256 }]),
      ...(training?.cases ?? []).flatMap(({ files }) =>
        files.map((file) => ({ role: 'training file', sha256: file.sha256 })),
      ),
    ],
  };
}
