import { describe, expect, it } from 'vitest';
import { dicomMoment } from '../../../../src/core/dicom/derived/dateTime.ts';
import {
  derivationDescription,
  type EnhancementFacts,
} from '../../../../src/core/dicom/derived/provenance.ts';
import {
  enhancedSeriesDescription,
  truncateText,
} from '../../../../src/core/dicom/derived/seriesDescription.ts';
import {
  moveSlab,
  type SlabGeometry,
  slabOf,
  slabsOverlap,
} from '../../../../src/core/dicom/derived/slab.ts';
import {
  chooseStoredFormat,
  encodeStoredValues,
  storedFactor,
} from '../../../../src/core/dicom/derived/storedValues.ts';
import { rigidMotion } from '../../../../src/core/phantom/geometry.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const string = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const enhancement = { scale: 2, model: 'srcnn-guided-x2' };

describe('enhancedSeriesDescription', () => {
  it("adds what was done, and cuts only the source's part", () => {
    expect(string(enhancedSeriesDescription(ascii('AX T2 '), [], enhancement))).toBe(
      'AX T2 [enhanced x2 srcnn-guided-x2 RUO]',
    );
    const long = string(enhancedSeriesDescription(ascii('t2_tse_tra_'.repeat(9)), [], enhancement));
    expect(long.length).toBe(64);
    expect(long).toMatch(/^t2_tse.* \[enhanced x2 srcnn-guided-x2 RUO]$/);
    expect(string(enhancedSeriesDescription(new Uint8Array(), [], enhancement))).toBe(
      '[enhanced x2 srcnn-guided-x2 RUO]',
    );
  });

  it('fits with a model name of any length and script', () => {
    const result = enhancedSeriesDescription(ascii('T2'), [], {
      scale: 4,
      model: `mödel\\${'x'.repeat(80)}`,
    });
    expect(result.length).toBeLessThanOrEqual(64);
    expect(string(result)).toMatch(/^T2 \[enhanced x4 m\?del\?x+ RUO]$/);
  });

  it('has 64 bytes at most too, for programs that count these', () => {
    const russian = enhancedSeriesDescription(
      ascii('T2 ГОЛОВА поперечный срез'),
      ['ISO_IR 192'],
      enhancement,
    );
    expect(russian.length).toBe(64);
    expect(string(russian)).toBe('T2 ГОЛОВА попереч [enhanced x2 srcnn-guided-x2 RUO]');
    const kanji = [
      0x1b,
      0x24,
      0x42,
      ...Array.from({ length: 20 }, () => [0x3b, 0x33]).flat(),
      0x1b,
      0x28,
      0x42,
    ];
    const japanese = enhancedSeriesDescription(Uint8Array.from(kanji), ['', 'ISO 2022 IR 87'], enhancement);
    expect(japanese.length).toBe(64);
    expect([...japanese.subarray(0, 30)]).toEqual([...kanji.slice(0, 27), 0x1b, 0x28, 0x42]);
    expect(string(japanese.subarray(30))).toBe(' [enhanced x2 srcnn-guided-x2 RUO]');
  });

  it('cuts between characters and leaves the character set ready for ASCII', () => {
    const kanji = [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42];
    expect([...truncateText(Uint8Array.from(kanji), ['', 'ISO 2022 IR 87'], 1)]).toEqual([
      0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x28, 0x42,
    ]);
    expect(string(truncateText(ascii('äöü脳x'), ['ISO_IR 192'], 4))).toBe('äöü脳');
    const gb = Uint8Array.from([0xcd, 0xf5, 0x81, 0x30, 0x81, 0x30, 0x41]);
    expect([...truncateText(gb, ['GB18030'], 2)]).toEqual([...gb.subarray(0, 6)]);
    const korean = Uint8Array.from([0x1b, 0x24, 0x29, 0x43, 0xb1, 0xe8, 0xc8, 0xf1]);
    expect([...truncateText(korean, ['', 'ISO 2022 IR 149'], 1)]).toEqual([...korean.subarray(0, 6)]);
    expect([...truncateText(Uint8Array.from([0xe4, 0xf6]), ['ISO_IR 100'], 1)]).toEqual([0xe4]);
  });
});

describe('stored values', () => {
  it('are the real-world values where these are integers, finer where the source is', () => {
    expect(storedFactor([1, 1], { min: 0, max: 4095 })).toBe(1);
    expect(storedFactor([2.5], { min: 0, max: 10_000 })).toBe(1);
    expect(storedFactor([0.5, 0.25], { min: 0, max: 100 })).toBe(4);
    expect(storedFactor([20], { min: 0, max: 131_070 })).toBe(0.5);
    expect(storedFactor([20], { min: -65_534, max: 10 })).toBe(0.5);
    expect(storedFactor([0, Number.NaN, 1e-9], { min: 0, max: 2 })).toBe(65_535 / 2);
  });

  it('are unsigned where nothing is negative, else signed, clipping as little as possible', () => {
    const format = (...values: number[]) => chooseStoredFormat([Float32Array.from(values)], 1);
    expect(format(0, 65_535, -0.4)).toMatchObject({ signed: false, clipped: 0 });
    expect(format(-1, 32_767)).toMatchObject({ signed: true, clipped: 0 });
    expect(format(-1, 40_000, 50_000)).toMatchObject({ signed: false, clipped: 1 });
    expect(format(-1, -2, 40_000)).toMatchObject({ signed: true, clipped: 1 });
    expect(format(-1e9, 70_000, 1, Number.NaN)).toMatchObject({ signed: false, clipped: 3 });
  });

  it('are rounded, clipped and written little endian with their extremes', () => {
    const values = Float32Array.from([1.5, -2.6, 40_000, Number.NaN, 258]);
    const signed = encodeStoredValues(values, { factor: 1, signed: true });
    expect([...new Int16Array(signed.bytes.buffer)]).toEqual([2, -3, 32_767, 0, 258]);
    expect([signed.smallest, signed.largest]).toEqual([-3, 32_767]);
    const unsigned = encodeStoredValues(values, { factor: 0.5, signed: false });
    expect([...new Uint16Array(unsigned.bytes.buffer)]).toEqual([1, 0, 20_000, 0, 129]);
  });

  it('have a window from the 0.5th to the 99.5th percentile', () => {
    const values = Float32Array.from({ length: 1001 }, (_, n) => n);
    expect(chooseStoredFormat([values], 2).window).toEqual({ center: 1000, width: 1980 });
    expect(chooseStoredFormat([new Float32Array(9)], 1).window.width).toBe(1);
    // Clipped values count as what is stored: 0 below, 65535 above.
    const clipped = Float32Array.from({ length: 1001 }, (_, n) =>
      n < 50 ? -100 : n > 900 ? 90_000 : 40_000,
    );
    const { signed, window } = chooseStoredFormat([clipped], 1);
    expect({ signed, window }).toEqual({ signed: false, window: { center: 32_767.5, width: 65_535 } });
  });
});

describe('slabs', () => {
  const axial: SlabGeometry = {
    positionLps: [0, 0, 0],
    iAxisLps: [1, 0, 0],
    jAxisLps: [0, 1, 0],
    spacingMm: [1, 2],
    columns: 100,
    rows: 50,
    thicknessMm: 5,
  };
  const sagittal = (x: number, z: number): SlabGeometry => ({
    ...axial,
    positionLps: [x, 0, z],
    iAxisLps: [0, 1, 0],
    jAxisLps: [0, 0, -1],
    spacingMm: [1, 1],
    thicknessMm: 1,
  });
  const overlap = (a: SlabGeometry, b: SlabGeometry) => slabsOverlap(slabOf(a), slabOf(b));

  it('overlap where they share space, not where they only touch', () => {
    expect(overlap(axial, { ...axial, positionLps: [0, 0, 4.9] })).toBe(true);
    expect(overlap(axial, { ...axial, positionLps: [0, 0, 5] })).toBe(false);
    expect(overlap(axial, { ...axial, positionLps: [99.5, 0, 0] })).toBe(true);
    expect(overlap(axial, { ...axial, positionLps: [100, 0, 0] })).toBe(false);
    expect(overlap(axial, sagittal(50, 20))).toBe(true);
    expect(overlap(axial, sagittal(101, 20))).toBe(false);
    expect(overlap(axial, sagittal(50, -3.1))).toBe(false);
  });

  it('are told apart even when no face separates them', () => {
    const turned = moveSlab(slabOf({ ...axial, thicknessMm: 100 }), rigidMotion([45, 35, 0], [0, 0, 0]));
    const far = moveSlab(slabOf({ ...axial, thicknessMm: 100 }), rigidMotion([0, 0, 0], [0, 120, 145]));
    expect(slabsOverlap(turned, turned)).toBe(true);
    expect(slabsOverlap(turned, far)).toBe(false);
  });

  it('move with registration', () => {
    const here = slabOf(axial);
    const there = slabOf({ ...axial, positionLps: [0, 0, 30] });
    expect(slabsOverlap(here, there)).toBe(false);
    expect(slabsOverlap(moveSlab(here, rigidMotion([0, 0, 0], [0, 0, 30])), there)).toBe(true);
  });
});

describe('dicomMoment', () => {
  const moment = new Date('2026-03-01T23:30:15.250Z');
  it('follows the zone that the data set declares, else the local one', () => {
    expect(dicomMoment(moment, '+0100', 0)).toEqual({
      date: '20260302',
      time: '003015.250',
      dateTime: '20260302003015.250+0100',
    });
    expect(dicomMoment(moment, undefined, -330).dateTime).toBe('20260301180015.250-0530');
    expect(dicomMoment(moment, 'rubbish', 0).dateTime).toBe('20260301233015.250+0000');
  });
});

describe('derivationDescription', () => {
  const facts: EnhancementFacts = {
    scale: 4,
    model: { id: 'm-x4', version: '1.2', network: 'srcnn', weightsSha256: 'ab'.repeat(32), licence: 'CC BY' },
    device: 'cpu',
    registration: {
      verdict: 'none',
      reasons: [],
      miBefore: null,
      miAfter: null,
      rotationDeg: 0,
      translationMm: 0,
      overlap: 1,
    },
    appVersion: '0.1.0',
    targetSeriesUid: '1.2.3.4444444444444444444',
    referenceSeriesUid: undefined,
  };
  const plain = { factor: 1, clipped: 3, rescaled: false };

  it('says for programs and people what was done', () => {
    const said = derivationDescription(facts, plain);
    for (const part of [
      'TANDEM1; factor=4x4x1;',
      'ref=none',
      `weights=sha256:${'ab'.repeat(32)}`,
      'clipped=3',
      'reg=none',
    ]) {
      expect(said).toContain(part);
    }
    expect(said).toMatch(/Research use only, not for diagnosis\.$/);
    expect(derivationDescription(facts, { factor: 4, clipped: 0, rescaled: true })).toContain(
      'stored=real-world values x 4; rescale of the source applied',
    );
  });

  it('never exceeds 1024 characters of ASCII without backslashes, and keeps the warning', () => {
    const said = derivationDescription(
      { ...facts, model: { ...facts.model, id: `\\é${'x'.repeat(2000)}` } },
      plain,
    );
    expect(said.length).toBe(1024);
    expect(said).toMatch(/^[\x20-\x5b\x5d-\x7e]+not for diagnosis\.$/);
  });
});
