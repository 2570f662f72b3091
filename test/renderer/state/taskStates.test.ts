// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { useAlign } from '../../../src/renderer/state/align.ts';
import { INITIAL_STATE, TASKS } from '../../../src/renderer/state/store.ts';
import { taskState } from '../../../src/renderer/state/taskStates.ts';
import { ENHANCED, STUDY, T1, T2 } from '../page.tsx';

describe('how far each task is', () => {
  const align = useAlign.getState();
  const open = { ...INITIAL_STATE, studies: [STUDY], studyUid: STUDY.uid, targetUid: T2.uid };
  const states = (state: typeof INITIAL_STATE, how = align) =>
    TASKS.map((task) => taskState(task, state, how)).join(' ');

  it('follows the work', () => {
    expect(states(INITIAL_STATE)).toBe('open open missing missing missing missing');
    expect(states(open)).toBe('done open missing open open missing');
    const paired = { ...open, referenceUid: T1.uid };
    expect(states(paired)).toBe('done done open open open missing');
    expect(states(paired, { ...align, accepted: true })).toBe('done done done open open missing');
    const enhanced = { result: ENHANCED, scale: 2 as const, targetUid: T2.uid, referenceUid: T1.uid };
    expect(states({ ...paired, enhanced })).toBe('done done open done open open');
  });
});
