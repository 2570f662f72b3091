import { gridCentre } from '../../core/volume/grid.ts';
import { scale } from '../../core/volume/vec.ts';
import { OVERLAYS, setAlign, useAlign } from '../state/align.ts';
import {
  accept,
  centreOfTarget,
  goOnWithoutReference,
  moveTo,
  register,
  resetToScanner,
  shifted,
  turned,
} from '../state/alignActions.ts';
import { activeAlignPlane } from '../state/cells.ts';
import { availableColumns } from '../state/columns.ts';
import { isBusy } from '../state/jobs.ts';
import { useApp } from '../state/store.ts';
import { useView } from '../state/view.ts';
import { readyVolume } from '../state/viewActions.ts';
import { text } from '../text.ts';
import { type ViewPlane, viewPlanes } from '../viewer/planes.ts';
import type { Command } from './command.ts';

const COARSE = { mm: 1, degrees: 1 };
const FINE = { mm: 0.1, degrees: 0.1 };

const isIdle = (): boolean => {
  const { targetUid, referenceUid, jobs } = useApp.getState();
  return targetUid !== null && referenceUid !== null && !isBusy(jobs.align);
};
const isAdjusting = (): boolean => isIdle() && useAlign.getState().adjusting;

/** The plane that keys move the reference in: the one that was used last. */
function activePlane(): { plane: ViewPlane; centre: ReturnType<typeof gridCentre> } | undefined {
  const target = availableColumns(useApp.getState()).find(({ kind }) => kind === 'target');
  const grid = target === undefined ? undefined : readyVolume(target.key)?.grid;
  if (grid === undefined) return undefined;
  return { plane: viewPlanes(grid)[activeAlignPlane(useView.getState())], centre: gridCentre(grid) };
}

type Way = 'left' | 'right' | 'up' | 'down' | 'near' | 'far';

function move(way: Way, mm: number): void {
  const active = activePlane();
  if (active === undefined) return;
  const { right, down, normal } = active.plane;
  const directions: Record<Way, typeof right> = {
    left: scale(right, -1),
    right,
    up: scale(down, -1),
    down,
    near: normal,
    far: scale(normal, -1),
  };
  moveTo(shifted(useAlign.getState().position.motion, directions[way], mm), `key ${way}`);
}

function turn(degrees: number): void {
  const active = activePlane();
  if (active === undefined) return;
  const { motion } = useAlign.getState().position;
  moveTo(turned(motion, active.plane.normal, degrees, active.centre), `key turn ${Math.sign(degrees)}`);
}

const words = text.align.commands;

const moving = (way: Way, title: string, key: string): readonly Command[] =>
  [COARSE, FINE].map((by) => ({
    id: `align.${way}${by === FINE ? '.finely' : ''}`,
    title: by === FINE ? words.finely(title) : title,
    group: 'align',
    keys: [by === FINE ? `Shift+${key}` : key],
    task: 'align',
    repeats: true,
    when: isAdjusting,
    run: () => move(way, by.mm),
  }));

// What Shift makes of comma and full stop depends on the keyboard: both ways of naming it count.
const turning = (
  name: string,
  title: string,
  keys: readonly string[],
  sign: 1 | -1,
  by: typeof COARSE,
): Command => ({
  id: `align.${name}`,
  title,
  group: 'align',
  keys,
  task: 'align',
  repeats: true,
  when: isAdjusting,
  run: () => turn(sign * by.degrees),
});

export const alignCommands: readonly Command[] = [
  {
    id: 'align.adjust',
    title: words.adjust,
    group: 'align',
    keys: ['m'],
    task: 'align',
    when: isIdle,
    run: () => setAlign({ adjusting: !useAlign.getState().adjusting }),
  },
  {
    id: 'align.register',
    title: text.align.register,
    group: 'align',
    task: 'align',
    when: isIdle,
    run: () => void register('anywhere', undefined),
  },
  {
    id: 'align.registerHere',
    title: text.align.registerHere,
    group: 'align',
    keys: ['g'],
    task: 'align',
    when: isIdle,
    run: () => void register('here', centreOfTarget()),
  },
  {
    id: 'align.reset',
    title: text.align.reset,
    group: 'align',
    task: 'align',
    when: isIdle,
    run: resetToScanner,
  },
  {
    id: 'align.accept',
    title: text.align.accept,
    group: 'align',
    task: 'align',
    when: () => isIdle() && useAlign.getState().position.verdict !== undefined,
    run: accept,
  },
  {
    id: 'align.without',
    title: text.align.without,
    group: 'align',
    task: 'align',
    when: isIdle,
    run: goOnWithoutReference,
  },
  {
    id: 'align.nextOverlay',
    title: words.nextOverlay,
    group: 'align',
    keys: ['v'],
    task: 'align',
    when: isIdle,
    run: () => {
      const at = OVERLAYS.indexOf(useAlign.getState().overlay);
      setAlign({ overlay: OVERLAYS[(at + 1) % OVERLAYS.length] ?? 'blend' });
    },
  },
  ...OVERLAYS.map(
    (overlay): Command => ({
      id: `align.overlay.${overlay}`,
      title: words.overlay(text.align.overlays[overlay]),
      group: 'align',
      task: 'align',
      when: isIdle,
      run: () => setAlign({ overlay }),
    }),
  ),
  ...moving('left', words.move.left, 'ArrowLeft'),
  ...moving('right', words.move.right, 'ArrowRight'),
  ...moving('up', words.move.up, 'ArrowUp'),
  ...moving('down', words.move.down, 'ArrowDown'),
  ...moving('far', words.far, 'PageDown'),
  ...moving('near', words.near, 'PageUp'),
  turning('counterClockwise', words.counterClockwise, [','], 1, COARSE),
  turning('clockwise', words.clockwise, ['.'], -1, COARSE),
  turning('counterClockwise.finely', words.finely(words.counterClockwise), ['<', ';'], 1, FINE),
  turning('clockwise.finely', words.finely(words.clockwise), ['>', ':'], -1, FINE),
];
