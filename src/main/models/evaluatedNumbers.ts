import { basename } from 'node:path';
import type { EvaluatedCase, MethodOnCase } from '../../core/contract/evaluation.ts';
import type { ImageQuality } from '../../core/contract/schemas.ts';
import { machineBudget } from '../runtime/memory.ts';
import { enhancingMemoryMb } from '../superres/enhanceStack.ts';
import { patientOf } from '../training/data/pairFiles.ts';
import type { ModelCard, Performance } from './card.ts';
import type { ModelPackage } from './loadModelPackage.ts';
import type { MeasuredNumbers } from './measuredNumbers.ts';

/**
 * What an evaluation on the CPU (one case at least) says of one of its models, as its card has it: beside the
 * model's own numbers those of interpolation. A case counts as trained on where a file of it is, by its hash, or
 * where its patient is by name.
 */
export function evaluatedNumbers(model: ModelPackage, cases: readonly EvaluatedCase[]): MeasuredNumbers {
  const { id, card } = model;
  const patients = trainedPatients(card);
  return {
    measured: cases.map((one) => ({
      case: one.case,
      trainedOn: one.trainedOn.includes(id) || patients.has(patientOf(basename(one.path))),
      scale: card.scale,
      slices: one.slices,
      methods: Object.fromEntries(
        ['zero-fill', 'cubic', id].map((method) => [method, qualityOf(one.methods[method]!)]),
      ),
    })),
    robustness: cases.flatMap((one) => {
      const rows = one.disturbed.flatMap(({ disturbance, methods }) => {
        const found = methods[id];
        return found === undefined ? [] : [{ disturbance, psnr: found.psnr, psnrInside: found.psnrInside }];
      });
      return rows.length === 0 ? [] : [{ case: one.case, rows }];
    }),
    performance: performanceOn(model, cases),
  };
}

/** Names of the patients whose cases it was trained on; cards of old name cases alone. */
function trainedPatients({ training }: ModelCard): ReadonlySet<string> {
  return new Set([
    ...(training?.cases.map(({ name, patient }) => patient ?? patientOf(name)) ?? []),
    ...(training?.data?.split.train ?? []),
  ]);
}

function qualityOf({ psnr, ssim, psnrInside, ssimInside }: MethodOnCase): ImageQuality {
  return { psnr, ssim, psnrInside, ssimInside };
}

/** Of the case whose seconds a slice are the median (of an even number, the lower), so that its size goes with them. */
function performanceOn({ id, card, weights }: ModelPackage, cases: readonly EvaluatedCase[]): Performance {
  const bySpeed = cases
    .map(({ methods, rows, columns }) => ({ secondsPerSlice: methods[id]!.secondsPerSlice, rows, columns }))
    .sort((a, b) => a.secondsPerSlice - b.secondsPerSlice);
  const median = bySpeed[Math.floor((bySpeed.length - 1) / 2)]!;
  const { network, options, scale } = card;
  const { cores } = machineBudget();
  return {
    device: cores === 1 ? 'CPU, 1 core' : `CPU, ${cores} cores, the memory for each`,
    ...median,
    memoryMb: enhancingMemoryMb({ network, options, scale, weights }, median.rows, median.columns),
  };
}
