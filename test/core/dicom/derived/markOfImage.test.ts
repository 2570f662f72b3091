import { expect, it } from 'vitest';
import { markOfImage } from '../../../../src/core/dicom/derived/markOfImage.ts';
import { unacceptedMark } from '../../../../src/core/dicom/derived/provenance.ts';
import { canonicalJson } from '../../../../src/core/dicom/derived/provenanceBlock.ts';
import { enhancedSeriesDescription } from '../../../../src/core/dicom/derived/seriesDescription.ts';

const provenance = (state?: string): string =>
  canonicalJson({ enhanced: { model: { id: 'a', licence: '"candidate" \\', state } }, stored: {} });
const description = (state: 'candidate' | 'retired' | 'accepted'): string =>
  new TextDecoder().decode(
    enhancedSeriesDescription(new TextEncoder().encode('T2 '.repeat(40)), [], {
      ...{ scale: 4, model: 'm'.repeat(64), mark: unacceptedMark(state) },
    }),
  );

it('is found in the provenance, and where that was taken out in the Series Description, however long', () => {
  expect(markOfImage(provenance('candidate'), 'T2')).toBe('CANDIDATE');
  expect(markOfImage(provenance('retired'), undefined)).toBe('RETIRED');
  expect(markOfImage(undefined, `${description('candidate')} `)).toBe('CANDIDATE');
  expect(markOfImage('', description('retired'))).toBe('RETIRED');
  // De-identified.
  expect(markOfImage('', '[enhanced x2 CANDIDATE RUO]')).toBe('CANDIDATE');
});

it('is no other image’s: shipped, accepted, acquired, or with such words in other places', () => {
  for (const state of ['shipped', 'accepted', undefined]) {
    expect(markOfImage(provenance(state), description('accepted'))).toBeUndefined();
  }
  expect(markOfImage('{"enhanced":', 'CANDIDATE for surgery')).toBeUndefined();
  expect(markOfImage(undefined, undefined)).toBeUndefined();
});
