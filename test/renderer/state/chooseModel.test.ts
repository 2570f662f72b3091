import { beforeEach, describe, expect, it } from 'vitest';
import { byWorth } from '../../../src/renderer/state/enhanceActions.ts';
import { type AppState, type ModelSummary, useApp } from '../../../src/renderer/state/store.ts';

function model(id: string, more: Partial<ModelSummary> = {}): ModelSummary {
  return {
    id,
    path: id,
    network: 'srcnn',
    scale: 2,
    target: 't2',
    reference: 't1',
    version: '1.0.0',
    usesReference: true,
    parameters: 1,
    intendedUse: '',
    licence: '',
    weightsSha256: '',
    standing: {
      state: 'shipped',
      isDefault: false,
      predecessor: null,
      parent: null,
      dataSha256: null,
      report: null,
      history: [],
    },
    unseenGain: null,
    details: {
      network: '',
      trainedOn: null,
      training: null,
      measured: [],
      robustness: [],
      performance: null,
      limits: [],
    },
    card: '',
    ...more,
  };
}

const gained = (psnrInside: number) => ({ unseenGain: { cases: 2, psnrInside } });

describe('the model that is suggested', () => {
  let state: AppState;
  beforeEach(() => {
    const series = (uid: string, name: 't1' | 't2') => ({ uid, contrast: { name, why: '' } });
    const study = { uid: 'S', series: [series('T', 't2'), series('R', 't1')] };
    state = {
      ...useApp.getState(),
      studyUid: 'S',
      targetUid: 'T',
      referenceUid: 'R',
      studies: [study] as unknown as AppState['studies'],
    };
  });
  const order = (models: ModelSummary[]) => byWorth(models, state).map(({ id }) => id);

  it('is the one that gained most on patients it had never seen', () => {
    expect(order([model('a', gained(1)), model('b', gained(2)), model('c', gained(-1))])).toEqual([
      'b',
      'a',
      'c',
    ]);
  });

  it('is one that was measured before one that was not, in the order of the list where nothing tells', () => {
    expect(order([model('a'), model('b'), model('c', gained(-3))])).toEqual(['c', 'a', 'b']);
  });

  it('is guided, and made for the contrasts, before it is good', () => {
    const single = model('single', { reference: null, usesReference: false, ...gained(9) });
    const other = model('other', { target: 'flair', ...gained(9) });
    expect(order([other, single, model('guided', gained(0.1))])).toEqual(['guided', 'single', 'other']);
  });
});
