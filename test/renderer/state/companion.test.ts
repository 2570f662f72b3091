import { describe, expect, it } from 'vitest';
import { namesItsSegments, requestOf } from '../../../src/renderer/state/companionActions.ts';
import { INITIAL_COMPANION } from '../../../src/renderer/state/companionStore.ts';

const draft = { ...INITIAL_COMPANION.draft, series: '1', out: '/out/seg.dcm' };
const select = (series: string) => ({ paths: ['/study'], series });
const segmentsOf = (input: string) => {
  const request = requestOf({ ...draft, input }, select);
  return request.kind === 'segmentation' ? request.segments : 'another kind';
};

describe('a segmentation that is exported', () => {
  it('is named by the form where it is NIfTI, which cannot say what its labels are', () => {
    expect(segmentsOf(' /labels.nii.gz ')).toEqual([{ value: 1, meaning: 'lesion' }]);
    expect(segmentsOf('/labels.NII')).toEqual([{ value: 1, meaning: 'lesion' }]);
  });

  it('keeps what a DICOM Segmentation says of its own segments', () => {
    expect(segmentsOf('/tumour.dcm')).toBeUndefined();
    expect(segmentsOf('/export/IM0001')).toBeUndefined();
    expect(namesItsSegments('  ')).toBe(false);
  });
});
