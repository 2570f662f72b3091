// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clearHistory,
  KEPT_STEPS,
  perform,
  redo,
  undo,
  useHistory,
} from '../../../src/renderer/state/history.ts';
import { setApp } from '../../../src/renderer/state/store.ts';

let value = 0;
function set(to: number, merge?: string): void {
  const before = value;
  perform({
    label: `Set ${to}`,
    apply: () => {
      value = to;
    },
    revert: () => {
      value = before;
    },
    ...(merge === undefined ? {} : { merge }),
  });
}

beforeEach(() => {
  value = 0;
  clearHistory();
});

describe('undo and redo', () => {
  it('go back and forth through what was done', () => {
    set(1);
    set(2);
    undo();
    expect(value).toBe(1);
    undo();
    expect(value).toBe(0);
    undo();
    expect(value).toBe(0);
    redo();
    redo();
    expect(value).toBe(2);
    redo();
    expect(value).toBe(2);
  });

  it('forget what was undone once something else is done', () => {
    set(1);
    undo();
    set(5);
    redo();
    expect(value).toBe(5);
    expect(useHistory.getState().done.map(({ label }) => label)).toEqual(['Set 5']);
  });

  it('take a held key back in one, and a pause apart', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    for (const to of [1, 2, 3]) set(to, 'nudge');
    clock.mockReturnValue(5000);
    set(4, 'nudge');
    undo();
    expect(value).toBe(3);
    undo();
    expect(value).toBe(0);
    redo();
    expect(value).toBe(3);
    clock.mockRestore();
  });

  it('keep no step that failed, and no more than a bounded number', () => {
    expect(() =>
      perform({
        label: 'fails',
        apply: () => {
          throw new Error('no');
        },
        revert: () => {},
      }),
    ).toThrow('no');
    expect(useHistory.getState().done).toEqual([]);
    for (let n = 1; n <= KEPT_STEPS + 5; n++) set(n);
    expect(useHistory.getState().done).toHaveLength(KEPT_STEPS);
    for (let n = 0; n < KEPT_STEPS + 5; n++) undo();
    expect(value).toBe(5);
  });

  it('are forgotten with the study', () => {
    set(1);
    setApp({ studyUid: 'another' });
    undo();
    expect(value).toBe(1);
  });
});
