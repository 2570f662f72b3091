import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSegmentationNode } from '@itk-wasm/dicom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { lpsToIndex } from '../../../src/core/volume/grid.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import { segmentationImportOperation } from '../../../src/main/segmentation/importOperation.ts';
import { segmentOperation } from '../../../src/main/segmentation/segmentOperation.ts';
import { volumeOperation } from '../../../src/main/superres/volumeOperation.ts';
import { phantomSources } from '../export/companionSeries.ts';
import { brightFiles, brightModel } from './models.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-itk-reads-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a segmentation as ITK reads it (dcmqi, compiled to WebAssembly)', () => {
  it('lies voxel for voxel where the labelmap for viewing has it, with its codes and its name', async () => {
    const [flair] = await phantomSources(join(root, 'study'), {
      contrasts: ['flair'],
      orientation: 'oblique',
      matrix: 40,
      slices: 6,
    });
    const bright = join(root, 'bright');
    const files = brightFiles(join(root, 'elsewhere'), { model: brightModel({ above: 0.2 }) });
    await segmentationImportOperation({ ...files, id: 'bright', out: bright }, QUIET_JOB);
    const out = join(root, 'out');
    const asked = operations.segment.request.parse({
      image: { kind: 'series', series: { paths: [], series: flair!.folder } },
      model: bright,
      out,
    });
    const { id } = await segmentOperation(asked, QUIET_JOB);
    const { segImage, metaInfo } = await readSegmentationNode(join(out, 'segmentation.dcm'));
    expect(metaInfo).toMatchObject({
      segmentAttributes: [
        [
          {
            labelID: 1,
            SegmentLabel: 'Whole tumour (preview, RUO)',
            SegmentAlgorithmType: 'AUTOMATIC',
            SegmentedPropertyTypeCodeSequence: { CodeValue: '108369006', CodingSchemeDesignator: 'SCT' },
          },
        ],
      ],
    });
    const view = await volumeOperation({ kind: 'segmentation', id, what: 'labels' }, QUIET_JOB);
    const grid = {
      size: view.size,
      spacingMm: view.spacingMm,
      originLps: view.originLps,
      axesLps: view.axesLps,
    };
    const labels = new Int16Array(view.voxels.buffer, view.voxels.byteOffset, view.voxels.byteLength / 2);
    const { size, spacing, origin, data } = segImage;
    const direction = Array.from(segImage.direction, Number);
    const theirs = data as Int16Array;
    expect(size).toEqual(grid.size);
    let marked = 0;
    for (let n = 0; n < theirs.length; n++) {
      const index = [
        n % size[0]!,
        Math.floor(n / size[0]!) % size[1]!,
        Math.floor(n / (size[0]! * size[1]!)),
      ];
      // ITK: rows of the direction matrix are x, y, z; its columns the axes of the image.
      const lps = [0, 1, 2].map((r) =>
        index.reduce((sum, at, c) => sum + direction[3 * r + c]! * spacing[c]! * at, origin[r]!),
      );
      const [i, j, k] = lpsToIndex(grid, lps as unknown as Vec3).map(Math.round) as [number, number, number];
      expect(theirs[n]).toBe(labels[i + grid.size[0] * (j + grid.size[1] * k)]);
      marked += theirs[n]!;
    }
    expect(marked).toBeGreaterThan(100);
    expect(marked).toBe(labels.reduce((sum, value) => sum + value, 0));
  });
});
