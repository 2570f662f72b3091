// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutCells, shownCells } from '../../../src/renderer/state/cells.ts';
import { allColumns, columnId, groupOf, originalOf } from '../../../src/renderer/state/columns.ts';
import { setComparisonMode } from '../../../src/renderer/state/comparisonActions.ts';
import { type Enhanced, useApp } from '../../../src/renderer/state/store.ts';
import { setView, useView } from '../../../src/renderer/state/view.ts';
import {
  cellFocus,
  chooseForCell,
  displayedColumn,
  moveFocus,
  neededColumns,
  setLayout,
  setLinked,
  toggleMaximised,
} from '../../../src/renderer/state/viewActions.ts';
import { makeSeries, STUDY, T1, T2 } from '../page.tsx';

const FLAIR = makeSeries({ uid: '1.9', number: 9, description: 'FLAIR', orientation: 'sagittal' });

const ENHANCED = {
  result: { id: 'e1', model: 'srcnn-x2' },
  scale: 2,
  targetUid: T2.uid,
  referenceUid: T1.uid,
} as unknown as Enhanced;

const kinds = (): (string | undefined)[][] => {
  const { rows, columns, cells } = shownCells(useApp.getState(), useView.getState());
  return Array.from({ length: rows }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns).map(({ column, plane }) => `${column?.kind} ${plane}`),
  );
};

beforeEach(() => {
  useApp.setState({
    paths: ['/data/study'],
    studies: [{ ...STUDY, series: [T2, T1, FLAIR] }],
    studyUid: STUDY.uid,
    targetUid: T2.uid,
    referenceUid: T1.uid,
    enhanced: ENHANCED,
  });
});

describe('the cells of a layout', () => {
  it('are all planes of all images, or one plane of them', () => {
    expect(kinds()).toEqual(
      ['axial', 'sagittal', 'coronal'].map((plane) =>
        ['target', 'reference', 'enhanced'].map((kind) => `${kind} ${plane}`),
      ),
    );
    setLayout('coronal');
    expect(kinds()).toEqual([['target coronal', 'reference coronal', 'enhanced coronal']]);
  });

  it('show the enhanced image beside its target in the plane that was acquired', () => {
    setLayout('1x2');
    expect(kinds()).toEqual([['target axial', 'enhanced axial']]);
    setLayout('2x2');
    expect(kinds()).toEqual([
      ['target axial', 'enhanced axial'],
      ['reference axial', 'zero-filled axial'],
    ]);
  });

  it('are filled with the target’s other planes where there are too few images', () => {
    useApp.setState({ enhanced: null, referenceUid: null });
    setLayout('1x3');
    expect(kinds()).toEqual([['target axial', 'target sagittal', 'target coronal']]);
  });

  it('take any series of the study and any plane, and remember them layout by layout', () => {
    setLayout('1x1');
    const flair = allColumns(useApp.getState()).find(({ title }) => title.includes('FLAIR'));
    chooseForCell('0-0', { column: columnId(flair!) });
    chooseForCell('0-0', { plane: 'sagittal' });
    expect(kinds()).toEqual([['series sagittal']]);
    expect(neededColumns().map(columnId)).toContain(columnId(flair!));
    setLayout('1x2');
    expect(kinds()).toEqual([['target axial', 'enhanced axial']]);
    setLayout('1x1');
    expect(kinds()).toEqual([['series sagittal']]);
  });

  it('go back to the layout’s image when a chosen series is gone', () => {
    setLayout('1x1');
    chooseForCell('0-0', { column: 'series-of-another-study' });
    expect(kinds()).toEqual([['enhanced axial']]);
  });

  it('can be made large one by one, and all come back', () => {
    toggleMaximised('1-2');
    expect(kinds()).toEqual([['enhanced sagittal']]);
    toggleMaximised('1-2');
    expect(kinds()).toHaveLength(3);
  });
});

describe('the original', () => {
  it('is what an image was made from: in its place when asked for, and loaded beforehand', () => {
    setLayout('1x1');
    const [cell] = layoutCells(useApp.getState(), useView.getState()).cells;
    expect(displayedColumn(cell!, { showOriginal: false })?.kind).toBe('enhanced');
    expect(displayedColumn(cell!, { showOriginal: true })?.kind).toBe('target');
    expect(neededColumns().map(({ kind }) => kind)).toEqual(['enhanced', 'target']);
  });

  it('is there for what was made, and not for what was acquired', () => {
    const columns = allColumns(useApp.getState());
    const originals = columns.map((column) => originalOf(column, columns)?.kind);
    expect(columns.map(({ kind }) => kind)).toEqual([
      'target',
      'reference',
      'enhanced',
      'zero-filled',
      'aligned-reference',
      'series',
    ]);
    expect(originals).toEqual([undefined, undefined, 'target', 'target', 'reference', undefined]);
  });
});

describe('linked cells', () => {
  it('share a place, go their own ways when let go, and follow the active one when linked again', () => {
    setView({ focusLps: [0, 0, 0], active: '0-1' });
    setLinked('scroll', false);
    moveFocus('0-1', [0, 0, 9]);
    expect(cellFocus(useView.getState(), '0-1')).toEqual([0, 0, 9]);
    expect(cellFocus(useView.getState(), '0-0')).toEqual([0, 0, 0]);
    setLinked('scroll', true);
    expect(cellFocus(useView.getState(), '0-0')).toEqual([0, 0, 9]);
  });

  it('window a series of neither part of the pair by itself', () => {
    const columns = allColumns(useApp.getState());
    const groups = columns.map(groupOf);
    expect(groups.slice(0, 5)).toEqual(['target', 'reference', 'target', 'target', 'reference']);
    expect(groups[5]).toBe(columns[5]?.key);
  });
});

describe('a comparison', () => {
  it('begins with two different images that are there', () => {
    useApp.setState({ enhanced: null });
    setComparisonMode('swipe');
    expect(useView.getState().comparison).toMatchObject({
      mode: 'swipe',
      first: 'target',
      second: 'reference',
    });
    expect(neededColumns().map(columnId)).toEqual(['target', 'reference']);
  });

  it('asks for the image that it needs and no cell shows', () => {
    setView({ hiddenColumns: ['reference', 'zero-filled', 'aligned-reference'] });
    setView({
      comparison: {
        ...useView.getState().comparison,
        mode: 'difference',
        first: 'enhanced',
        second: 'zero-filled',
      },
    });
    expect(neededColumns().map(columnId)).toContain('zero-filled');
  });
});
