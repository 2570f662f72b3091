import { describe, expect, it } from 'vitest';
import { type AcquisitionFacts, guessContrast } from '../../../src/core/dicom/contrast.ts';

const NOTHING: AcquisitionFacts = {
  modality: 'MR',
  imageType: ['ORIGINAL', 'PRIMARY', 'M'],
  seriesDescription: '',
  protocolName: '',
  scanningSequence: [],
  sequenceVariant: [],
  scanOptions: [],
  sequenceName: '',
  acquisitionType: '2D',
  angiography: false,
  repetitionTimeMs: undefined,
  echoTimeMs: undefined,
  inversionTimeMs: undefined,
  flipAngleDeg: undefined,
  echoTrainLength: undefined,
  contrastAgent: '',
  diffusionBValue: undefined,
};

const guess = (facts: Partial<AcquisitionFacts>) => guessContrast({ ...NOTHING, ...facts });
const timed = (sequence: string, te: number, tr: number, ti?: number, flip?: number) => ({
  scanningSequence: sequence.split(' '),
  echoTimeMs: te,
  repetitionTimeMs: tr,
  inversionTimeMs: ti,
  flipAngleDeg: flip,
});

describe('guessContrast', () => {
  // Protocols of 1.5 T and 3 T scanners of several makers.
  it.each([
    ['t2', timed('SE', 91, 11730)],
    ['t2', timed('SE', 408, 3200)],
    ['t1', timed('SE', 9, 600)],
    ['pd', timed('SE', 11, 4320)],
    ['pd', timed('SE', 42, 2800)],
    ['flair', timed('SE IR', 120, 9000, 2500)],
    ['flair', timed('SE IR', 390, 5000, 1650)],
    ['flair', timed('SE IR', 125, 8000)],
    ['stir', timed('SE IR', 60, 4000, 160)],
    ['t1', timed('SE IR', 10, 2000, 860)],
    ['t1', timed('GR IR', 3, 2300, 900, 9)],
    ['t1', timed('GR', 3.2, 7, 450, 12)],
    ['t1', timed('GR', 4, 250, undefined, 70)],
    ['pd', timed('GR', 4, 500, undefined, 10)],
  ] as const)('by timing alone: %s', (name, facts) => {
    const { name: found, why } = guess(facts);
    expect(found).toBe(name);
    expect(why).toContain(`TE ${facts.echoTimeMs} ms`);
  });

  it('sets aside what is no plain anatomical image', () => {
    const swan = guess(timed('GR', 25, 40, undefined, 15));
    const epi = guess(timed('EP SE', 80, 4000));
    const phase = guess({ ...timed('SE', 90, 4000), imageType: ['ORIGINAL', 'PRIMARY', 'P'] });
    const angio = guess({ ...timed('GR', 3, 20, undefined, 25), angiography: true });
    for (const found of [swan, epi, phase, angio]) {
      expect(found).toMatchObject({ name: 'unknown', setAside: true });
    }
  });

  it('trusts physics over words and mentions the disagreement', () => {
    const found = guess({ ...timed('SE', 9, 600), seriesDescription: 'AX T2 TSE' });
    expect(found.name).toBe('t1');
    expect(found.why).toMatch(/although the description “AX T2 TSE” suggests T2/);
    expect(guess({ ...timed('SE', 91, 5000), seriesDescription: 'pd+t2_tse' }).why).toMatch(/agrees/);
  });

  it.each([
    ['t1', 'Sag 3D T1 MPRAGE'],
    ['t1', 'AX T1 FLAIR'],
    ['flair', 't2_space_dark-fluid_sag'],
    ['flair', 'AX T2 FLAIR'],
    ['t2', 't2w_tse_cor'],
    ['pd', 'PDW_TSE'],
    ['fs-pd', 'COR PD FATSAT'],
    ['fs-t2', 'T2 FS AX'],
    ['t1c', 'AX T1 +C'],
    ['t1c', 't1_mprage_post_gd'],
    ['stir', 'COR STIR'],
  ] as const)('by words where there is no timing: %s from “%s”', (name, seriesDescription) => {
    const found = guess({ seriesDescription });
    expect(found.name).toBe(name);
    expect(found.why).toMatch(/alone/);
  });

  it('sees contrast agent and fat suppression', () => {
    expect(guess({ ...timed('SE', 9, 600), contrastAgent: 'Gadobutrol' }).name).toBe('t1c');
    expect(guess({ ...timed('SE', 9, 600), contrastAgent: 'NONE' }).name).toBe('t1');
    expect(guess({ ...timed('SE', 9, 600), seriesDescription: 'T1 pre Gd' }).name).toBe('t1');
    expect(guess({ ...timed('SE', 34, 3000), scanOptions: ['FS'] }).name).toBe('fs-pd');
    expect(guess({ ...timed('SE IR', 120, 9000, 2500), scanOptions: ['FS'] }).name).toBe('flair');
  });

  it('knows derived images, maps, diffusion and localisers for what they are', () => {
    const type = (...imageType: string[]) => guess({ ...timed('SE', 90, 4000), imageType }).name;
    expect(type('DERIVED', 'SECONDARY', 'MPR')).toBe('derived');
    expect(type('DERIVED', 'PRIMARY', 'DIFFUSION', 'ADC')).toBe('derived');
    expect(type('ORIGINAL', 'PRIMARY', 'MPR')).not.toBe('derived');
    expect(type('DERIVED', 'SECONDARY', 'OTHER', 'ENHANCED')).toBe('derived');
    expect(type('ORIGINAL', 'PRIMARY', 'PROJECTION IMAGE')).toBe('derived');
    expect(type('ORIGINAL', 'PRIMARY', 'LOCALIZER')).toBe('localizer');
    expect(type('ORIGINAL', 'PRIMARY', 'DIFFUSION', 'NONE')).toBe('dwi');
    expect(type('DERIVED', 'PRIMARY', 'M', 'NORM')).toBe('t2');
    expect(guess({ ...timed('EP SE', 80, 4000), diffusionBValue: 1000 }).name).toBe('dwi');
    expect(guess({ seriesDescription: '3-plane scout' }).name).toBe('localizer');
  });

  it('does not take an MPRAGE called "mpr" for a reformatted image', () => {
    expect(guess({ ...timed('GR IR', 3, 2300, 900, 9), seriesDescription: 't1_mpr_sag' }).name).toBe('t1');
    expect(guess({ imageType: ['DERIVED', 'PRIMARY'], seriesDescription: 'COR MPR' }).name).toBe('derived');
  });

  it('says what it does not know', () => {
    expect(guess({})).toMatchObject({ name: 'unknown', why: expect.stringMatching(/no TE and TR/) });
    expect(guess({ modality: 'CT' }).why).toMatch(/not an MR image/);
    const between = guess({ ...timed('SE', 50, 1300), seriesDescription: 'series' });
    expect(between.name).toBe('unknown');
    expect(between.why).toMatch(/TE 50 ms, TR 1300 ms.*names none/);
  });
});
