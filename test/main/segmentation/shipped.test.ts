import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { compareOperation } from '../../../src/main/segmentation/compareOperation.ts';
import { segmentationModelsOperation } from '../../../src/main/segmentation/modelsOperation.ts';
import { segmentOperation } from '../../../src/main/segmentation/segmentOperation.ts';
import { dataRoot } from '../../helpers/data.ts';

const DATA = dataRoot();
/** A validation patient: no model learned from it. */
const CASE = join(DATA ?? '', 'pairs/tcga-lgg-ht-8563');
const LEAST_DICE = { 'attention-unet': 0.85, 'swin-unet': 0.7 } as const;

describe('the segmentation models that ship', () => {
  it('are both there, of at most 10 MB, with what they were measured to do and whose data they learned from', async () => {
    const { models, refused } = await segmentationModelsOperation({}, QUIET_JOB);
    expect(refused).toEqual([]);
    const shipped = models.filter(({ state }) => state === 'shipped');
    expect(shipped.map(({ id }) => id).sort()).toEqual(Object.keys(LEAST_DICE).sort());
    for (const { bytes, card, chosenDice, dice, licence } of shipped) {
      expect(bytes).toBeLessThan(10e6);
      expect(licence).toContain('CC BY-NC-SA 4.0');
      expect(card).toContain('Buda, Saha, Mazurowski');
      expect(card).toMatch(/zero-filled x4/);
      expect(chosenDice).toBeGreaterThan(0.72);
      // The patients that it was measured on are those that its weights were chosen on.
      expect(dice).toBeNull();
    }
  });

  it.runIf(DATA !== undefined).each(Object.entries(LEAST_DICE))(
    '%s finds the tumour of a patient that it did not learn from, as it was drawn',
    async (model, least) => {
      const at = (name: string) => ({ paths: [], series: join(CASE, name) });
      const { id, parts } = await segmentOperation(
        operations.segment.request.parse({
          image: { kind: 'series', series: at('flair.nii.gz') },
          reference: at('t1.nii.gz'),
          model,
          device: 'cpu',
        }),
        QUIET_JOB,
      );
      expect(parts.length).toBeGreaterThan(0);
      const { agreements } = await compareOperation(
        operations.segmentationCompare.request.parse({
          segmentations: [id],
          truth: { path: join(CASE, 'tumour.nii.gz') },
        }),
        QUIET_JOB,
      );
      expect(agreements[0]!.dice).toBeGreaterThan(least);
    },
    180_000,
  );
});
