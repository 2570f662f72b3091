import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { encodeDicomFile, encodeFileHead } from '../../core/dicom/derived/encode.ts';
import { enhancedSliceDataSet } from '../../core/dicom/derived/enhancedSlice.ts';
import { encodeStoredValues } from '../../core/dicom/derived/storedValues.ts';
import { throwIfCancelled } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { slicePositionsMm } from '../../core/volume/sliceStack.ts';
import type { DicomPlan } from './dicomPlan.ts';
import { enhancedMrObject } from './enhancedMrObject.ts';
import { referenceOf, targetOf } from './planReferences.ts';

/**
 * Writes the objects of a plan into a folder. Pixels are asked for and written one slice at a time, in either form,
 * so that no more of them is held than one slice; of an Enhanced MR image the functional groups are held.
 */
export async function writeDicomSeries(plan: DicomPlan, folder: string, job: JobContext): Promise<void> {
  const total = plan.series.stack.slices.length;
  for (const [n, name] of plan.names.entries()) {
    throwIfCancelled(job.signal);
    const file = await open(join(folder, name), 'wx');
    try {
      if (plan.form === 'enhanced') await writeEnhanced(plan, file, job);
      else {
        job.progress({ stage: 'exporting', done: n, total });
        await file.writeFile(encodeDicomFile(await objectDataSet(plan, n)));
      }
    } finally {
      await file.close();
    }
  }
  job.progress({ stage: 'exporting', done: total, total });
}

async function writeEnhanced(plan: DicomPlan, file: FileHandle, job: JobContext): Promise<void> {
  const { stack } = plan.series;
  const total = stack.slices.length;
  await file.writeFile(encodeFileHead(await objectDataSet(plan, 0), 2 * stack.columns * stack.rows * total));
  for (const [n, { pixels }] of stack.slices.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'exporting', done: n, total });
    await file.writeFile(encodeStoredValues(pixels, plan.facts.stored).bytes);
  }
}

/**
 * Object n of a plan as it is written, de-identified where that was asked for: a classic image with its pixels, or
 * the Enhanced MR image without them.
 */
export async function objectDataSet(plan: DicomPlan, n: number): Promise<DataSet> {
  const dataSet = plan.form === 'enhanced' ? await enhancedMrObject(plan) : await sliceDataSet(plan, n);
  return plan.deidentifier?.dataSet(dataSet) ?? dataSet;
}

async function sliceDataSet(plan: DicomPlan, n: number): Promise<DataSet> {
  const { series, facts, sources, target } = plan;
  const slice = series.stack.slices[n]!;
  return enhancedSliceDataSet(await sources.elementsOf(target[n]!), facts, {
    sopInstanceUid: plan.sopInstanceUids[n]!,
    instanceNumber: n + 1,
    positionLps: slice.positionLps,
    sliceLocationMm: slicePositionsMm(series.stack)[n]!,
    target: targetOf(plan, n),
    reference: referenceOf(plan, n),
    pixels: encodeStoredValues(slice.pixels, facts.stored),
  });
}
