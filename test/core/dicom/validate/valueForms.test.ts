import { describe, expect, it } from 'vitest';
import { faultOf, faultOfUid, fitsMultiplicity } from '../../../../src/core/dicom/validate/valueForms.ts';

/** By PS3.5, table 6.2-1. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  AE: ['TANDEM', 'a b~'],
  AS: ['045Y', '010W'],
  CS: ['DERIVED', 'A_B 9'],
  DA: ['20240229', '19991231'],
  DS: ['1', '-1.5', '+2.e3', '.5', ' 12 ', '1.2345678901e-10'],
  DT: ['2026', '202611', '20261122', '2026112209', '20261122091530.5', '20261122091530.123456+0100'],
  IS: ['0', '-12', '+2147483647'],
  LO: ['x'.repeat(64), 'é'.repeat(64), 'tab not, escape \u001b yes'],
  PN: ['Doe^Jane', 'A^B^C^D^E=a=b', 'x'.repeat(64)],
  SH: ['x'.repeat(16)],
  ST: ['a line\r\nanother\ttab', 'x'.repeat(1024)],
  TM: ['09', '0915', '091530', '091530.5', '235960.123456'],
};
const BAD: Readonly<Record<string, readonly string[]>> = {
  AE: ['x'.repeat(17), 'a\u0007'],
  AS: ['45', '45Y', '045y'],
  CS: ['derived', 'A-B', 'X'.repeat(17)],
  DA: ['2024-02-29', '20230229', '20241301', '2024', '202402290'],
  DS: ['1,5', 'x', '1e', '12345678901234567', '1 2', 'NaN'],
  DT: ['202613', '20261132', '2026112224', '20261122091530.', '26'],
  IS: ['1.5', 'a', '99999999999', '1234567890123'],
  LO: ['x'.repeat(65), 'a\nb'],
  PN: ['a=b=c=d', 'A^B^C^D^E^F', 'x'.repeat(65)],
  SH: ['x'.repeat(17)],
  ST: ['x'.repeat(1025), 'a\u0000b'],
  TM: ['9', '24', '0960', '091561', '09:15', '091530.1234567'],
};

describe('the form of values', () => {
  it.each(Object.entries(GOOD))('%s: what is well formed passes', (vr, values) => {
    for (const value of values) expect(faultOf(vr, value), value).toBeUndefined();
  });

  it.each(Object.entries(BAD))('%s: what is not is told', (vr, values) => {
    for (const value of values) expect(faultOf(vr, value), value).toBeTypeOf('string');
  });

  it('an empty value is no fault of any', () => {
    for (const vr of Object.keys(GOOD)) expect(faultOf(vr, '')).toBeUndefined();
  });
});

describe('UIDs', () => {
  it.each([
    '1.2.840.10008.1.2',
    '2.25.0',
    '2.25.340282366920938463463374607431768211455',
    '0.39',
  ])('%s is one', (uid) => {
    expect(faultOfUid(uid)).toBeUndefined();
  });

  it.each([
    '1.02.3',
    '1..2',
    '.1',
    '1.',
    '3.1',
    '1.40',
    '1.2.a',
    '1',
    '1.2 ',
    `1.${'2'.repeat(63)}`,
    '2.25.340282366920938463463374607431768211456',
  ])('%s is none', (uid) => {
    expect(faultOfUid(uid)).toBeTypeOf('string');
  });
});

it('multiplicities are counted as PS3.6 writes them', () => {
  const fits = (vm: string, counts: readonly number[]) =>
    counts.filter((count) => fitsMultiplicity(vm, count));
  const some = [0, 1, 2, 3, 4, 6, 7, 100];
  expect(fits('1', some)).toEqual([1]);
  expect(fits('6', some)).toEqual([6]);
  expect(fits('1-n', some)).toEqual([1, 2, 3, 4, 6, 7, 100]);
  expect(fits('2-n', some)).toEqual([2, 3, 4, 6, 7, 100]);
  expect(fits('2-2n', some)).toEqual([2, 4, 6, 100]);
  expect(fits('3-3n', some)).toEqual([3, 6]);
  expect(fits('1-3', some)).toEqual([1, 2, 3]);
  expect(fitsMultiplicity('1-n or 1', 4)).toBeUndefined();
});
