import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataRoot } from '../../helpers/data.ts';
import { compareWithDcm2niix, hasDcm2niix } from '../../tools/dcm2niix.ts';

const root = dataRoot();
const missing = root === undefined ? 'shared data' : hasDcm2niix() ? undefined : 'dcm2niix';

describe.skipIf(missing !== undefined)(
  `tandem convert against dcm2niix${missing === undefined ? '' : ` [needs ${missing}]`}`,
  () => {
    // Series; volumes of each; slices that were not acquired, which the judge leaves out.
    it.each([
      ['Philips and Siemens XA10, enhanced', 'dcm_qa_enh/In', [2, 4], 0],
      ['Siemens XA30, enhanced', 'dcm_qa_xa30/In', [1, 1, 2, 1, 7, 1, 1], 0],
      ['a dual echo', 'dcm_qa_pdt2/In', [2], 0],
      ['an oblique series with a gap', 't1-t2-study/series-6', [1], 1],
      ['a 3D series with a gap', 't1-t2-study/series-5', [1], 1],
    ] as const)(
      '%s: same voxels, same place, same volumes',
      async (_, folder, volumes, empty) => {
        const compared = await compareWithDcm2niix(join(root!, 'dicom', folder));
        expect(compared.flatMap(({ unmatched }) => unmatched)).toEqual([]);
        expect(compared.map(({ ours }) => ours)).toEqual(volumes);
        expect(compared.map(({ judges }) => judges)).toEqual(volumes);
        expect(compared.reduce((sum, { emptySlices }) => sum + emptySlices, 0)).toBe(empty);
        for (const { worstMm } of compared) expect(worstMm).toBeLessThan(0.01);
      },
      240_000,
    );

    it('mosaics in nine encodings: the seven that the judge decodes', async () => {
      const [compared] = await compareWithDcm2niix(join(root!, 'dicom/transfer-syntaxes/In'));
      expect([compared!.ours, compared!.judges]).toEqual([9, 7]);
      // Debian's dcm2niix has no JPEG-LS; all nine hold the same image.
      expect(compared!.unmatched).toHaveLength(2);
      for (const line of compared!.unmatched) expect(line).toMatch(/^ours/);
      expect(compared!.worstMm).toBeLessThan(0.01);
    }, 240_000);
  },
);
