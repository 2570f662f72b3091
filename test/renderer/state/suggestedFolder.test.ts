// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { type AppState, INITIAL_STATE } from '../../../src/renderer/state/store.ts';
import { suggestedFolder } from '../../../src/renderer/state/suggestedFolder.ts';
import { makeSeries } from '../page.tsx';

/** A study with one series that lies at `path`, opened by `opened`. */
function opened(path: string, ...paths: string[]): AppState {
  const series = { ...makeSeries({ uid: '1.6' }), path };
  const study = {
    uid: '1',
    description: '',
    date: '',
    patientName: '',
    patientId: '',
    series: [series],
    pairs: [],
  };
  return { ...INITIAL_STATE, paths, studies: [study], studyUid: study.uid, targetUid: '1.6' };
}

describe('the folder that is suggested for the enhanced series', () => {
  it('lies beside the study that was opened, never in it', () => {
    expect(suggestedFolder(opened('/data/study', '/data/study'), 'm-x2')).toBe('/data/study-enhanced-m-x2');
    expect(suggestedFolder(opened('/data/study/t2', '/data/study/'), 'm-x2')).toBe(
      '/data/study-enhanced-t2-m-x2',
    );
    expect(suggestedFolder(opened('C:\\data\\study\\t2', 'C:\\data\\study'), 'm-x2')).toBe(
      'C:\\data\\study-enhanced-t2-m-x2',
    );
    expect(suggestedFolder(opened('/data/case/t2.nii.gz', '/data/case'), 'm-x2')).toBe(
      '/data/case-enhanced-t2-m-x2',
    );
    expect(suggestedFolder(opened('/data/t2.nii.gz', '/data/t2.nii.gz'), 'm-x2')).toBe(
      '/data/t2-enhanced-m-x2',
    );
  });

  it('names a model that is a path by its last part', () => {
    expect(suggestedFolder(opened('/data/study', '/data/study'), '/models/mine')).toBe(
      '/data/study-enhanced-mine',
    );
  });

  it('is none for copies of what was dropped: they are deleted with what lies around them', () => {
    const state = { ...opened('/tmp/tandem-drop-1/t2', '/tmp/tandem-drop-1'), pathsAreCopies: true };
    expect(suggestedFolder(state, 'm-x2')).toBe('');
  });
});
