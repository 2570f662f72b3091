import type { Alignment } from '../../core/contract/aligning.ts';
import type { Request } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import { gridCentre } from '../../core/volume/grid.ts';
import { referenceMotion } from '../../core/volume/sixDegrees.ts';
import { outOfLine } from '../../core/volume/sliceAgreement.ts';
import type { Handler } from '../host/handler.ts';
import { agreementCurve } from '../registration/agreementCurve.ts';
import { affineGiven, matrixOf } from '../registration/givenTransform.ts';
import { loadSeries } from '../studies/load.ts';
import { regularVolume } from '../studies/regularVolume.ts';
import { resolveSeries } from '../studies/resolve.ts';
import { type Placement, placeReference } from './registerPair.ts';

/** Registers a pair, or refines a given position, and says how well each slice agrees. */
export const alignOperation: Handler<'align'> = async (request, job) => {
  const from = request.start === undefined ? undefined : await affineGiven(request.start);
  return alignmentOf(request, { kind: 'register', from }, job);
};

/** Judges a given position, or the headers' own, without moving anything. */
export const judgeAlignmentOperation: Handler<'judgeAlignment'> = async (request, job) => {
  if (request.position === undefined) {
    return alignmentOf(request, { kind: 'given', motion: IDENTITY_AFFINE }, job);
  }
  const motion = await affineGiven(request.position);
  return alignmentOf(request, { kind: 'given', motion, by: 'manual' }, job);
};

async function alignmentOf(
  request: Pick<Request<'align'>, 'target' | 'reference' | 'plane'>,
  placement: Placement,
  job: JobContext,
): Promise<Alignment> {
  const start = performance.now();
  const targetEntry = await resolveSeries(request.target, job);
  const referenceEntry = await resolveSeries(request.reference, job);
  if (referenceEntry.summary.uid === targetEntry.summary.uid) {
    throw new TandemError('usage', 'The reference is the target itself', {
      hint: 'Name a series of another contrast as the reference.',
    });
  }
  const target = await loadSeries(targetEntry, job, { plane: request.plane });
  const reference = await loadSeries(referenceEntry, job);
  const moving = regularVolume(reference.stack, referenceEntry.summary.path);
  const { report, fixedToMoving } = await placeReference(
    placement,
    request.plane,
    target,
    reference,
    moving,
    job,
  );
  const centreLps = gridCentre(regularVolume(target.stack, targetEntry.summary.path).grid);
  const slices = await agreementCurve(target.stack, moving, fixedToMoving, job.signal);
  const motion = referenceMotion(fixedToMoving, centreLps);
  return {
    registration: report,
    matrix: matrixOf(fixedToMoving),
    motion: { rotationDeg: [...motion.rotationDeg], translationMm: [...motion.translationMm] },
    centreLps: [...centreLps],
    slices,
    outOfLine: outOfLine(slices.map(({ agreement }) => agreement)).map((n) => n + 1),
    seconds: (performance.now() - start) / 1000,
  };
}
