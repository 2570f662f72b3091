import { resolve } from 'node:path';
import type { Request } from '../../../core/contract/operations.ts';
import { TandemError } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { chooseSliceAxis } from '../../../core/volume/convert.ts';
import { gridFromAffine } from '../../../core/volume/grid.ts';
import { contrastFile } from '../../studies/caseFolder.ts';
import { readNiftiHeader } from '../../studies/niftiFile.ts';
import { loadSegmentationCase, type SegmentationCase } from './segmentationCase.ts';
import { SEGMENTATION_CANVAS } from './trainSegmentation.ts';

export interface RequestedCases {
  readonly train: readonly SegmentationCase[];
  readonly validation: readonly SegmentationCase[];
  /** Of the cases, as their headers say. */
  readonly spacingMm: readonly [number, number];
  readonly sliceMm: readonly [number, number];
}

/**
 * The cases of a training, in the order of the request, those without the structure last. Throws
 * `bad-training-data` where a patient is on both sides of the split or a case has no slice that shows a patient,
 * and what reading throws.
 */
export async function requestedCases(
  request: Request<'trainSegmentation'>,
  job: JobContext,
): Promise<RequestedCases> {
  const [first, ...others] = request.contrasts;
  const total = request.cases.length + request.validation.length + request.negatives.length;
  let done = 0;
  const load = async (folder: string, name: string, mask: string | null): Promise<SegmentationCase> => {
    job.progress({ stage: 'reading', done: done++, total });
    const names = { contrasts: [name, ...others], mask } as const;
    const found = await loadSegmentationCase(resolve(folder), names, SEGMENTATION_CANVAS, job);
    if (found.slices.length > 0) return found;
    throw new TandemError('bad-training-data', 'No slice of this case shows enough of a patient', {
      path: folder,
    });
  };
  const train: SegmentationCase[] = [];
  const validation: SegmentationCase[] = [];
  for (const folder of request.cases) train.push(await load(folder, first!, request.mask));
  for (const folder of request.validation) validation.push(await load(folder, first!, request.mask));
  for (const { path, first: instead } of request.negatives) {
    const found = await load(path, instead ?? first!, null);
    train.push(instead === undefined ? found : { ...found, name: `${found.name}-${instead}` });
  }
  refuseLeaks(train, validation);
  const grids = await Promise.all(request.cases.map((folder) => gridOf(folder, first!)));
  return {
    train,
    validation,
    spacingMm: range(grids.flatMap(({ inPlane }) => inPlane)),
    sliceMm: range(grids.map(({ slice }) => slice)),
  };
}

/** By name, and by the files themselves: a copy under another name is the same patient. */
function refuseLeaks(train: readonly SegmentationCase[], validation: readonly SegmentationCase[]): void {
  for (const one of validation) {
    const hashes = new Set(one.files.map(({ sha256 }) => sha256));
    const same = train.find(
      ({ patient, files }) => patient === one.patient || files.some(({ sha256 }) => hashes.has(sha256)),
    );
    if (same === undefined) continue;
    throw new TandemError(
      'bad-training-data',
      `${one.name} is to be validated on, and ${same.name}, of the same patient, to be trained on`,
      { hint: 'Keep every patient on one side.' },
    );
  }
}

async function gridOf(folder: string, contrast: string) {
  const { size, affineLps } = await readNiftiHeader(await contrastFile(resolve(folder), contrast));
  const grid = gridFromAffine(size, affineLps);
  const axis = chooseSliceAxis(grid);
  return { inPlane: grid.spacingMm.filter((_, n) => n !== axis), slice: grid.spacingMm[axis] };
}

function range(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
