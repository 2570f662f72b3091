import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import { type SplitRequest, splitPatients } from '../../../../src/main/training/data/splitPatients.ts';

const REQUEST: SplitRequest = { validation: [], test: [], validationShare: 0, testShare: 0, seed: 1 };
const PATIENTS = Array.from({ length: 40 }, (_, n) => `p-${String(n).padStart(2, '0')}`);
const on = (sides: ReadonlyMap<string, string>, side: string) =>
  [...sides].flatMap(([patient, of]) => (of === side ? [patient] : []));

describe('the split', () => {
  it('has every patient once, however many scans there are of each', () => {
    const scans = [...PATIENTS, ...PATIENTS.slice(0, 30), ...PATIENTS.slice(0, 5)];
    const asked = { ...REQUEST, validationShare: 0.25, testShare: 0.1 };
    const sides = splitPatients(scans, asked);
    expect(sides).toEqual(splitPatients(PATIENTS, asked));
    expect([...sides.keys()].sort()).toEqual(PATIENTS);
    expect(
      [on(sides, 'validation'), on(sides, 'test'), on(sides, 'train')].map(({ length }) => length),
    ).toEqual([10, 4, 26]);
  });

  it('does not depend on the order of the scans, but on the seed', () => {
    const asked = { ...REQUEST, validationShare: 0.25 };
    const shuffled = createRandom(5).shuffle([...PATIENTS]);
    const sides = splitPatients(PATIENTS, asked);
    for (const [patient, side] of splitPatients(shuffled, asked)) expect(sides.get(patient)).toBe(side);
    const other = splitPatients(PATIENTS, { ...asked, seed: 2 });
    expect(on(other, 'validation').sort()).not.toEqual(on(sides, 'validation').sort());
  });

  it('keeps those who are named, a name standing for all that begins with it, and shares the others', () => {
    const asked = { ...REQUEST, validation: ['p-0'], test: ['p-39'], validationShare: 0.5 };
    const sides = splitPatients(PATIENTS, asked);
    for (const patient of PATIENTS.slice(0, 10)) expect(sides.get(patient)).toBe('validation');
    expect(on(sides, 'test')).toEqual(['p-39']);
    expect(on(sides, 'validation')).toHaveLength(10 + Math.round(29 / 2));
  });

  it('takes a whole name for that patient alone, and the name of a visit for its patient', () => {
    const sides = splitPatients(['a-1', 'a-10', 'b'], { ...REQUEST, validation: ['a-1'] });
    expect(on(sides, 'validation')).toEqual(['a-1']);
    expect(on(splitPatients(['a-1', 'b'], { ...REQUEST, test: ['a-1-v2'] }), 'test')).toEqual(['a-1']);
  });

  it.each([
    ['a name that fits nobody', { validation: ['q'] }, /no patient called q .* validation/],
    ['a patient on two sides', { validation: ['p-01'], test: ['p-0'] }, /p-01 .* both/],
    ['nobody left to train on', { validationShare: 0.5, testShare: 0.5 }, /No patient is left/],
  ] as const)('is refused with %s', (_, more, message) => {
    expect(() => splitPatients(PATIENTS, { ...REQUEST, ...more })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    );
  });
});
