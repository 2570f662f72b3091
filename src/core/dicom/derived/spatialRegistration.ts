import { TandemError } from '../../errors.ts';
import type { Affine } from '../../volume/affine.ts';
import { invertAffine } from '../../volume/rigid.ts';
import { cross, dot, norm, subtract, type Vec3 } from '../../volume/vec.ts';
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
const IDENTITY: readonly number[] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/**
 * A rigid transform between two series as DICOM Spatial Registration (PS3.3, A.39 and C.20.2). The registered
 * coordinate system is the target's own; each item's matrix takes coordinates of its source into it: the
 * target's is the identity, the reference's the **inverse** of what registration reports. Both items name their
 * images, so that two series of one frame of reference are told apart.
 *
 * @param fixedToMoving takes a target point (LPS, mm) to the reference's, as `tandem register` finds it.
 * @throws TandemError `bad-geometry` where the transform is not rigid.
 */
export function spatialRegistrationDataSet(
  target: SourceSeries,
  reference: SourceSeries,
  fixedToMoving: Affine,
  facts: CompanionFacts & { readonly content: ContentNames },
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
        registrationItem(target, IDENTITY),
        registrationItem(reference, [...toTarget.flat(), 0, 0, 0, 1]),
      ),
    ],
  );
}

function registrationItem(series: SourceSeries, matrix: readonly number[]): DataSet {
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
      sequence(C.RegistrationTypeCodeSequence, codeItem(IMAGE_CONTENT_BASED)),
      sequence(C.MatrixSequence, [
        text(C.FrameOfReferenceTransformationMatrixType, 'CS', 'RIGID'),
        decimals(C.FrameOfReferenceTransformationMatrix, ...matrix),
      ]),
    ]),
  ];
}

/** How far the columns of a rotation may be from unit length and right angles. */
const RIGID = 1e-6;

function requireRigid(motion: Affine): void {
  const column = (n: 0 | 1 | 2): Vec3 => [motion[0][n], motion[1][n], motion[2][n]];
  const [x, y, z] = [column(0), column(1), column(2)];
  const isRigid =
    [x, y, z].every((axis) => Math.abs(norm(axis) - 1) <= RIGID) &&
    Math.abs(dot(x, y)) <= RIGID &&
    norm(subtract(cross(x, y), z)) <= 2 * RIGID;
  if (!isRigid) {
    throw new TandemError('bad-geometry', 'The transform is not a rotation and a shift', {
      hint: 'Only rigid transforms are written as Spatial Registration.',
    });
  }
}
