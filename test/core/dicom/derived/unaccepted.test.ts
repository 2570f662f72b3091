import { describe, expect, it } from 'vitest';
import {
  derivationDescription,
  type EnhancementFacts,
  unacceptedMark,
} from '../../../../src/core/dicom/derived/provenance.ts';
import { enhancedSeriesDescription } from '../../../../src/core/dicom/derived/seriesDescription.ts';

const facts = (state: 'shipped' | 'candidate' | 'accepted' | 'retired' | undefined): EnhancementFacts => ({
  scale: 2,
  model: {
    id: 'site-a',
    version: '1.0.0',
    network: 'srcnn',
    weightsSha256: 'a'.repeat(64),
    licence: '',
    state,
  },
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
  targetSeriesUid: '1.2.3',
  referenceSeriesUid: undefined,
});
const derivation = (state: Parameters<typeof facts>[0]): string =>
  derivationDescription(facts(state), { factor: 1, clipped: 0, rescaled: false });
const description = (state: Parameters<typeof facts>[0], source: string, model: string): string =>
  new TextDecoder().decode(
    enhancedSeriesDescription(new TextEncoder().encode(source), ['ISO_IR 100'], {
      scale: 4,
      model,
      mark: unacceptedMark(state),
    }),
  );

describe('images of a model that no one accepted', () => {
  it.each(['candidate', 'retired'] as const)('say so: %s', (state) => {
    expect(derivation(state)).toContain(`; state=${state.toUpperCase()}; `);
    expect(derivation(state)).toContain(`The model is not accepted at this site (${state}).`);
    expect(description(state, 'T2 ax', 'site-a')).toBe(
      `T2 ax [enhanced x4 site-a ${state.toUpperCase()} RUO]`,
    );
  });

  it.each(['shipped', 'accepted', undefined] as const)('and no others: %s', (state) => {
    expect(derivation(state)).not.toMatch(/state=|not accepted/);
    expect(description(state, 'T2 ax', 'site-a')).toBe('T2 ax [enhanced x4 site-a RUO]');
  });

  it('the mark is never what is cut', () => {
    const long = description('candidate', 'T2 '.repeat(30), 'm'.repeat(64));
    expect(long).toMatch(/ CANDIDATE RUO]$/);
    expect(long.length).toBeLessThanOrEqual(64);
  });
});
