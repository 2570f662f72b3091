import { expect, it } from 'vitest';
import { EnhancedStore, type StoredSeries } from '../../../src/main/superres/store.ts';
import { makeStack, noise } from './stacks.ts';

function stored(): StoredSeries {
  const stack = makeStack(noise(1));
  return { series: { stack, targetStack: stack } as StoredSeries['series'], reference: undefined };
}

const bytes = 2 * 4 * 24 * 20 * 4;

it('keeps the series that were used last', () => {
  const store = new EnhancedStore(2);
  const [a, b] = [store.add(stored()), store.add(stored())];
  store.get(a);
  const c = store.add(stored());
  expect(() => store.get(b)).toThrow(/no longer/);
  expect(store.get(a)).toBeDefined();
  expect(store.get(c)).toBeDefined();
});

it('keeps no more bytes than allowed, but always the newest', () => {
  const store = new EnhancedStore(9, 2.5 * bytes);
  const ids = [1, 2, 3].map(() => store.add(stored()));
  expect(() => store.get(ids[0]!)).toThrow();
  expect([store.get(ids[1]!), store.get(ids[2]!)]).toHaveLength(2);
  const tight = new EnhancedStore(9, 10);
  expect(tight.get(tight.add(stored()))).toBeDefined();
});
