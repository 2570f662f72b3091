// @vitest-environment jsdom
import { act, fireEvent } from '@testing-library/react';
import { type ReactNode, useRef } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  findOutlines,
  forgetOutlines,
  loadSegmentationModels,
} from '../../../src/renderer/state/contourActions.ts';
import { INITIAL_CONTOURS, useContours } from '../../../src/renderer/state/contours.ts';
import { contourVoxels } from '../../../src/renderer/state/contourVoxels.ts';
import { endStroke, isDrawing, setBrushMm } from '../../../src/renderer/state/correcting.ts';
import { clearHistory, undo, useHistory } from '../../../src/renderer/state/history.ts';
import { setView, useView } from '../../../src/renderer/state/view.ts';
import { planeCamera } from '../../../src/renderer/viewer/camera.ts';
import { onCellKey } from '../../../src/renderer/viewer/cellKeys.ts';
import { contourCut } from '../../../src/renderer/viewer/contourPaths.ts';
import { viewPlanes } from '../../../src/renderer/viewer/planes.ts';
import { usePointer } from '../../../src/renderer/viewer/usePointer.ts';
import { type CellScene, Viewport } from '../../../src/renderer/viewer/Viewport.tsx';
import { contourAnswers, foundLabels, openPair } from '../contourAnswers.ts';
import { useAnswers as answerAs, show, T2 } from '../page.tsx';

vi.mock('../../../src/renderer/viewer/engine.ts', () => ({
  createViewport: () => ({ show: () => {}, resize: () => {}, destroy: () => {} }),
}));

const ACQUIRED = `series-${T2.uid}`;
const COLUMN = {
  kind: 'target',
  key: ACQUIRED,
  request: { kind: 'enhanced', id: 'e1' },
  title: 'T2',
  note: undefined,
} as const;

/** A cell of 60 by 50 pixels over the acquired image, in its first slice. */
function sceneOf(isCompared = false): CellScene {
  const { grid } = contourVoxels(ACQUIRED)!;
  const plane = viewPlanes(grid).axial;
  const focus = [3, 2, 0] as const;
  return {
    cell: { id: '0-0', row: 0, position: 0, column: COLUMN, plane: 'axial' },
    column: COLUMN,
    base: grid,
    plane,
    focus,
    camera: planeCamera(grid, plane, focus, 1, [0, 0], { width: 60, height: 50 }),
    isCompared,
  };
}

function Pointed({ scene }: { readonly scene: CellScene }): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  usePointer(element, scene);
  return <div ref={element} data-pointed />;
}

function point(isCompared = false) {
  const shown = show(<Pointed scene={sceneOf(isCompared)} />);
  const cell = shown.container.querySelector<HTMLElement>('[data-pointed]')!;
  cell.setPointerCapture = () => {};
  return { ...shown, cell };
}

function keyOf(key: string, shiftKey = false) {
  const still = { preventDefault: () => {}, stopPropagation: () => {} };
  return {
    key,
    shiftKey,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    target: null,
    currentTarget: null,
    ...still,
  };
}

beforeEach(async () => {
  forgetOutlines();
  useContours.setState(INITIAL_CONTOURS, true);
  clearHistory();
  setBrushMm(0.5);
  answerAs(contourAnswers());
  openPair();
  await loadSegmentationModels();
  await findOutlines();
  setView({ tool: 'brush', focusLps: [3, 2, 0] });
});

afterEach(() => {
  endStroke();
  forgetOutlines();
});

describe('a stroke in a cell', () => {
  it('is drawn with the pointer, and the wheel does nothing meanwhile', () => {
    const { cell } = point();
    const { grid } = contourVoxels(ACQUIRED)!;
    const volume = { grid, window: { center: 0.5, width: 1 }, range: [0, 1] } as never;
    setView({ volumes: { [ACQUIRED]: { status: 'ready', volume } } });
    fireEvent.pointerDown(cell, { button: 0, clientX: 30, clientY: 25 });
    expect(isDrawing()).toBe(true);
    const { zoom } = useView.getState();
    fireEvent.wheel(cell, { deltaY: 600 });
    fireEvent.wheel(cell, { deltaY: 600, ctrlKey: true });
    onCellKey(keyOf('ArrowRight', true), sceneOf());
    expect(useView.getState()).toMatchObject({ focusLps: [3, 2, 0], zoom });
    fireEvent.pointerUp(cell, { button: 0, clientX: 30, clientY: 25 });
    expect(useHistory.getState().done).toHaveLength(1);
    fireEvent.wheel(cell, { deltaY: 600 });
    expect(useView.getState().focusLps).not.toEqual([3, 2, 0]);
  });

  it('is kept, and can be taken back, where its cell goes in the midst of it', () => {
    const { cell, unmount } = point();
    fireEvent.pointerDown(cell, { button: 0, clientX: 30, clientY: 25 });
    unmount();
    expect(isDrawing()).toBe(false);
    expect(useHistory.getState().done).toHaveLength(1);
    undo();
    expect(contourVoxels(ACQUIRED)?.labels).toEqual(foundLabels());
  });

  it('is refused where two images are compared, with the pointer and with Enter', () => {
    const { cell } = point(true);
    const note = () => useContours.getState().brushNote;
    fireEvent.pointerDown(cell, { button: 0, clientX: 30, clientY: 25 });
    expect(note()).toMatch(/compared here/);
    useContours.setState({ brushNote: null });
    onCellKey(keyOf('Enter'), sceneOf(true));
    expect(note()).toMatch(/compared here/);
    expect(contourVoxels(ACQUIRED)?.labels).toEqual(foundLabels());
    onCellKey(keyOf('Enter'), sceneOf());
    expect(contourVoxels(ACQUIRED)?.labels).not.toEqual(foundLabels());
  });
});

describe('a slice that was traced', () => {
  it('is not taken for that of other voxels of the same image and revision', async () => {
    const traced = vi.fn();
    vi.stubGlobal(
      'Path2D',
      class {
        moveTo = traced;
        lineTo = (): void => {};
        closePath = (): void => {};
      },
    );
    const { camera, focus } = sceneOf();
    const cut = (revision = 0) =>
      contourCut(revision, contourVoxels(ACQUIRED)!, camera!, focus!, { together: null })?.paths[0]?.path;
    const first = cut();
    expect(first).toBeDefined();
    expect(cut()).toBe(first);
    expect(cut(1)).not.toBe(first);
    expect(traced).toHaveBeenCalledTimes(2);
    await findOutlines();
    const again = cut();
    expect(again).toBeDefined();
    expect(again).not.toBe(first);
    vi.unstubAllGlobals();
  });
});

describe('the words of a cell that compares two images', () => {
  it('name the image of every outline, but where one image at a time is seen', () => {
    const { container } = show(<Viewport cell={sceneOf().cell} top />);
    const names = () =>
      [...container.querySelectorAll('.contour-name')].map((element) => element.textContent);
    expect(names()).toEqual(['Whole tumour']);
    const compare = (mode: 'swipe' | 'checkerboard' | 'difference' | 'blink') =>
      act(() =>
        setView({
          comparison: { ...useView.getState().comparison, mode, first: 'target', second: 'enhanced' },
        }),
      );
    for (const mode of ['swipe', 'checkerboard', 'difference'] as const) {
      compare(mode);
      expect(names()).toEqual(['Acquired', 'Enhanced ×2']);
    }
    compare('blink');
    expect(names()).toEqual(['Whole tumour']);
  });
});
