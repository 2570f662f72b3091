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
  store.find(a);
  const c = store.add(stored());
  expect(store.find(b)).toBeUndefined();
  expect(store.find(a)).toBeDefined();
  expect(store.find(c)).toBeDefined();
});

it('keeps no more bytes than allowed, but always the newest', () => {
  const store = new EnhancedStore(9, 2.5 * bytes);
  const ids = [1, 2, 3].map(() => store.add(stored()));
  expect(store.find(ids[0]!)).toBeUndefined();
  expect([store.find(ids[1]!), store.find(ids[2]!)]).not.toContain(undefined);
  const tight = new EnhancedStore(9, 10);
  expect(tight.find(tight.add(stored()))).toBeDefined();
});
