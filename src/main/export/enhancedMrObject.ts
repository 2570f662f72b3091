import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { enhancedMrDataSet } from '../../core/dicom/derived/enhancedMr.ts';
import { enhancedFrameGroups } from '../../core/dicom/derived/mrFrameGroups.ts';
import type { InstanceReference, SeriesReference } from '../../core/dicom/derived/references.ts';
import type { DicomPlan } from './dicomPlan.ts';
import { type MrFrame, mrFrameOf } from './mrFrameOf.ts';
import { referenceOf, targetOf } from './planReferences.ts';
import { uidOf } from './uids.ts';

/**
 * An enhanced series as one Enhanced MR image, without its pixels.
 *
 * @throws TandemError `unsupported-format` where the source does not say what such an image must; and about a
 *   source file that cannot be read
 */
export async function enhancedMrObject(plan: DicomPlan): Promise<DataSet> {
  const { stack } = plan.series;
  const frames: DataSet[] = [];
  const named = { target: new Named(), reference: new Named() };
  let first: MrFrame | undefined;
  for (const [n, { positionLps }] of stack.slices.entries()) {
    const source = plan.target[n]!;
    const from = await mrFrameOf(plan, n);
    first ??= from;
    const target = targetOf(plan, n);
    const reference = referenceOf(plan, n);
    named.target.add(target.instances);
    named.reference.add(reference?.instances ?? []);
    frames.push(
      enhancedFrameGroups(from.groups, plan.facts, {
        inStackPosition: n + 1,
        positionLps,
        rescale: source,
        target,
        reference,
      }),
    );
  }
  const { extremes, sopInstanceUids } = plan;
  return enhancedMrDataSet(first!.source, first!.top, frames, plan.facts, {
    sopInstanceUid: sopInstanceUids[0]!,
    dimensionOrganizationUid: uidOf('dimensions', plan.facts.seriesUid),
    target: { ...targetOf(plan, 0), instances: named.target.instances() },
    reference: withInstances(referenceOf(plan, 0), named.reference.instances()),
    smallest: extremes.reduce((least, { smallest }) => Math.min(least, smallest), extremes[0]!.smallest),
    largest: extremes.reduce((most, { largest }) => Math.max(most, largest), extremes[0]!.largest),
  });
}

function withInstances(
  series: SeriesReference | undefined,
  instances: readonly InstanceReference[],
): SeriesReference | undefined {
  return series && { ...series, instances };
}

/** Instances that frames name, each once. */
class Named {
  readonly #byUid = new Map<string, InstanceReference>();

  add(instances: readonly InstanceReference[]): void {
    for (const { sopClassUid, sopInstanceUid } of instances) {
      this.#byUid.set(sopInstanceUid, { sopClassUid, sopInstanceUid });
    }
  }

  instances(): InstanceReference[] {
    return [...this.#byUid.values()];
  }
}
