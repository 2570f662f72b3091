import type { AlignedBy } from '../../contract/schemas.ts';
import { TandemError } from '../../errors.ts';
import type { Affine } from '../../volume/affine.ts';
import { invertAffine, isRigid } from '../../volume/rigid.ts';
import { type Code, codeItem } from './codes.ts';
import {
  bodyPart,
  type CompanionFacts,
  type ContentNames,
  companionDataSet,
  companionModules,
  contentIdentification,
  frameNumbers,
  frameOfReference,
  imageReferences,
  type SourceSeries,
} from './companion.ts';
import { C } from './companionTags.ts';
import { type DataSet, decimals, sequence, text } from './dataSet.ts';
import { commonInstances, instanceItem } from './references.ts';
import { SPATIAL_REGISTRATION_STORAGE } from './uids.ts';

const IMAGE_CONTENT_BASED: Code = {
  value: '125024',
  scheme: 'DCM',
  meaning: 'Image Content-based Alignment',
};
const VISUAL: Code = { value: '125025', scheme: 'DCM', meaning: 'Visual Alignment' };
const IDENTITY: readonly number[] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/**
 * A rigid transform between two series as DICOM Spatial Registration (PS3.3, A.39 and C.20.2). The registered
 * coordinate system is the target's own; each item's matrix takes coordinates of its source into it: the
 * target's is the identity, the reference's the **inverse** of what registration reports. Both items name their
 * images, so that two series of one frame of reference are told apart.
 *
 * @param by who found it: the method that the reference's item names (CID 7100)
 * @param fixedToMoving takes a target point (LPS, mm) to the reference's, as `tandem register` finds it.
 * @throws TandemError `bad-geometry` where the transform is not rigid.
 */
export function spatialRegistrationDataSet(
  target: SourceSeries,
  reference: SourceSeries,
  fixedToMoving: Affine,
  facts: CompanionFacts & { readonly content: ContentNames },
  by: AlignedBy = 'elastix',
): DataSet {
  requireRigid(fixedToMoving);
  const toTarget = invertAffine(fixedToMoving);
  return companionDataSet(
    target,
    companionModules(target, facts, { sopClassUid: SPATIAL_REGISTRATION_STORAGE, modality: 'REG' }),
    frameOfReference(target),
    bodyPart(target),
    contentIdentification(facts.content),
    commonInstances(target.studyUid, [target, reference]),
    [
      sequence(
        C.RegistrationSequence,
        registrationItem(target, IDENTITY, by),
        registrationItem(reference, [...toTarget.flat(), 0, 0, 0, 1], by),
      ),
    ],
  );
}

function registrationItem(series: SourceSeries, matrix: readonly number[], by: AlignedBy): DataSet {
  return [
    text(C.FrameOfReferenceUID, 'UI', series.frameOfReferenceUid),
    sequence(
      C.ReferencedImageSequence,
      ...imageReferences(series.instances).map(({ instance, frames }) => [
        ...instanceItem(instance),
        ...frameNumbers(frames),
      ]),
    ),
    sequence(C.MatrixRegistrationSequence, [
      sequence(C.RegistrationTypeCodeSequence, codeItem(by === 'manual' ? VISUAL : IMAGE_CONTENT_BASED)),
      sequence(C.MatrixSequence, [
        text(C.FrameOfReferenceTransformationMatrixType, 'CS', 'RIGID'),
        decimals(C.FrameOfReferenceTransformationMatrix, ...matrix),
      ]),
    ]),
  ];
}

function requireRigid(motion: Affine): void {
  if (isRigid(motion)) return;
  throw new TandemError('bad-geometry', 'The transform is not a rotation and a shift', {
    hint: 'Only rigid transforms are written as Spatial Registration.',
  });
}
