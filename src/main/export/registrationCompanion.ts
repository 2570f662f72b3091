import type { AlignedBy } from '../../core/contract/schemas.ts';
import type { CompanionFacts } from '../../core/dicom/derived/companion.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import type { UnacceptedMark } from '../../core/dicom/derived/markOfImage.ts';
import { spatialRegistrationDataSet } from '../../core/dicom/derived/spatialRegistration.ts';
import type { JobContext } from '../../core/job.ts';
import type { Affine } from '../../core/volume/affine.ts';
import type { SeriesEntry } from '../studies/types.ts';
import { COMPANION_SERIES, companionFacts } from './companionFacts.ts';
import { companionSource } from './companionSource.ts';

/**
 * How a reference lies on a target, as DICOM Spatial Registration.
 * @param fixedToMoving target LPS to reference LPS, mm
 * @param made.by who said so
 * @param made.mark of the model whose image it goes with; that of either series where it is not given
 * @throws TandemError `unsupported-format` or `bad-geometry` where one of the two is no DICOM series with a
 *   frame of reference, `bad-geometry` where the transform is not rigid
 */
export async function registrationCompanion(
  target: SeriesEntry,
  reference: SeriesEntry,
  fixedToMoving: Affine,
  job: JobContext,
  made: { readonly by?: AlignedBy | undefined; readonly mark?: UnacceptedMark | undefined } = {},
): Promise<{ readonly dataSet: DataSet; readonly facts: CompanionFacts }> {
  const [source, moved] = [await companionSource(target, job), await companionSource(reference, job)];
  const content = [fixedToMoving, moved.seriesUid];
  const { by, mark } = made;
  const facts = companionFacts(
    target.summary.number,
    source,
    COMPANION_SERIES.registration,
    content,
    mark ?? source.mark ?? moved.mark,
  );
  const description =
    by === 'manual'
      ? 'Position of the reference on the target, given by the user'
      : 'Rigid registration of the reference onto the target';
  const dataSet = spatialRegistrationDataSet(
    source,
    moved,
    fixedToMoving,
    { ...facts, content: { label: 'REGISTRATION', description } },
    by,
  );
  return { dataSet, facts };
}
