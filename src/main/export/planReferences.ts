import type { InstanceReference, SeriesReference } from '../../core/dicom/derived/references.ts';
import { moveSlab, slabOf, slabsOverlap } from '../../core/dicom/derived/slab.ts';
import { IDENTITY_AFFINE } from '../../core/volume/affine.ts';
import type { SeriesEntry } from '../studies/types.ts';
import type { DicomPlan } from './dicomPlan.ts';
import type { SourceFacts, SourcePlace } from './sourceSlices.ts';

/** The target's slice that slice n came from, as a reference to it. */
export function targetOf(plan: DicomPlan, n: number): SeriesReference {
  const source = plan.target[n]!;
  return { studyUid: source.studyUid, seriesUid: source.seriesUid, instances: [referenceTo(source)] };
}

/** The reference's slices that overlap target slice n where registration put them; undefined without a reference. */
export function referenceOf(plan: DicomPlan, n: number): SeriesReference | undefined {
  const first = plan.reference[0];
  if (first === undefined) return undefined;
  const { targetStack, fixedToMoving } = plan.series;
  const here = slabOf({
    ...targetStack,
    positionLps: targetStack.slices[n]!.positionLps,
    thicknessMm: plan.facts.sliceThicknessMm,
  });
  const moved = moveSlab(here, fixedToMoving ?? IDENTITY_AFFINE);
  const overlapping = plan.reference.filter(({ slab }) => slab === undefined || slabsOverlap(moved, slab));
  return { studyUid: first.studyUid, seriesUid: first.seriesUid, instances: overlapping.map(referenceTo) };
}

/** Names one image among all; the frames of a file have its UID alone. */
export function nameOf({ sopInstanceUid, frame, tile }: SourceFacts): string {
  if (frame === undefined && tile === undefined) return sopInstanceUid;
  return JSON.stringify([sopInstanceUid, frame, tile?.row, tile?.column]);
}

/** A source as other objects name it: frames are counted from 1. */
export function referenceTo({ sopClassUid, sopInstanceUid, frame }: SourceFacts): InstanceReference {
  return { sopClassUid, sopInstanceUid, frame: frame === undefined ? undefined : frame + 1 };
}

/** Where the slices of a series are, for reading their headers. */
export function sourcePlaces({ files, slices }: SeriesEntry): SourcePlace[] {
  if (slices === undefined) return files.map((path) => ({ path }));
  return slices.map(({ file, frame, tile }) => ({ path: files[file]!, frame, tile }));
}
