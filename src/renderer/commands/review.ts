import { isDrawing } from '../state/correcting.ts';
import { useApp } from '../state/store.ts';
import { GRID_LAYOUTS, type Layout, setView, TOOLS, useView, type ViewState } from '../state/view.ts';
import {
  applyPreset,
  cycleColourMap,
  cyclePreset,
  nextGridLayout,
  resetView,
  resetWindows,
  scrollActive,
  setLayout,
  setTool,
  toggleActiveMaximised,
  toggleInverted,
  toggleLinked,
  toggleOriginal,
  zoomBy,
} from '../state/viewActions.ts';
import { text } from '../text.ts';
import { toggleCine } from '../viewer/cineControl.ts';
import { WINDOW_PRESETS } from '../viewer/windowing.ts';
import type { Command } from './command.ts';
import { compareCommands } from './compare.ts';
import { contourCommands } from './contours.ts';
import { pictureCommands } from './picture.ts';
import { TOOL_KEYS } from './toolKeys.ts';

const ZOOM_STEP = 1.25;
const PAGE = 10;
const ALL = 1_000_000;

const hasImages = (): boolean => useApp.getState().targetUid !== null;

const scrolling = (what: keyof typeof text.commands.scroll, steps: number, keys: string[]): Command => ({
  id: `slices.${what}`,
  title: text.commands.scroll[what],
  group: 'slices',
  keys,
  repeats: true,
  // A stroke stays in the slice that it began in.
  when: () => hasImages() && !isDrawing(),
  run: () => scrollActive(steps),
});

const layout = (value: Layout, title: string, keys: string[]): Command => ({
  id: `layout.${value}`,
  title,
  group: 'layout',
  keys,
  when: hasImages,
  run: () => setLayout(value),
});

type Switch = {
  [K in keyof ViewState]: ViewState[K] extends boolean ? K : never;
}[keyof ViewState];

const toggle = (name: Switch, title: string, key?: string): Command => ({
  id: `images.${name}`,
  title,
  group: 'images',
  ...(key === undefined ? {} : { keys: [key] }),
  when: hasImages,
  run: () => setView({ [name]: !useView.getState()[name] }),
});

const image = (id: string, title: string, keys: string[], run: () => void, repeats = false): Command => ({
  id: `images.${id}`,
  title,
  group: 'images',
  keys,
  repeats,
  when: hasImages,
  run,
});

export const reviewCommands: readonly Command[] = [
  scrolling('next', 1, ['ArrowDown', 'ArrowRight']),
  scrolling('previous', -1, ['ArrowUp', 'ArrowLeft']),
  scrolling('tenOn', PAGE, ['PageDown']),
  scrolling('tenBack', -PAGE, ['PageUp']),
  scrolling('first', -ALL, ['Home']),
  scrolling('last', ALL, ['End']),
  {
    id: 'slices.play',
    title: text.review.cine.toggle,
    group: 'slices',
    keys: ['k'],
    when: hasImages,
    run: toggleCine,
  },
  layout('axial', text.commands.onePlane(text.planes.axial), ['a']),
  layout('sagittal', text.commands.onePlane(text.planes.sagittal), ['s']),
  layout('coronal', text.commands.onePlane(text.planes.coronal), ['c']),
  layout('all', text.review.all, ['q']),
  ...GRID_LAYOUTS.map((value) => layout(value, text.review.layoutOf(text.review.layouts[value]), [])),
  {
    id: 'layout.next',
    title: text.review.nextLayout,
    group: 'layout',
    keys: ['j'],
    when: hasImages,
    run: nextGridLayout,
  },
  {
    id: 'layout.maximise',
    title: text.review.maximise,
    group: 'layout',
    keys: ['.'],
    when: hasImages,
    run: toggleActiveMaximised,
  },
  {
    id: 'layout.link',
    title: text.review.linkAll,
    group: 'layout',
    keys: ['y'],
    when: hasImages,
    run: toggleLinked,
  },
  ...TOOLS.map(
    (tool): Command => ({
      id: `tool.${tool}`,
      title: text.review.toolOf(text.review.tools[tool]),
      group: 'measure',
      keys: [TOOL_KEYS[tool]],
      when: hasImages,
      run: () => setTool(tool),
    }),
  ),
  ...WINDOW_PRESETS.map((preset, index) =>
    image(`preset.${preset}`, text.commands.preset(text.review.presets[preset]), [String(index + 1)], () =>
      applyPreset(preset),
    ),
  ),
  image('nextPreset', text.commands.nextPreset, ['Shift+w'], () => void cyclePreset()),
  image('resetWindows', text.commands.resetWindows, ['0'], resetWindows),
  image('invert', text.review.invertActive, ['n'], toggleInverted),
  image('colours', text.review.nextColours, ['Shift+n'], cycleColourMap),
  image('zoomIn', text.commands.zoomIn, ['+', '='], () => zoomBy(ZOOM_STEP), true),
  image('zoomOut', text.commands.zoomOut, ['-'], () => zoomBy(1 / ZOOM_STEP), true),
  image('reset', text.review.resetView, ['r'], resetView),
  image('original', text.review.originalKey, ['o'], toggleOriginal),
  toggle('showCrosshair', text.review.crosshair, 'x'),
  toggle('smooth', text.review.smooth, 'i'),
  toggle('showLabels', text.review.labels, 'l'),
  toggle('showPatient', text.review.patient),
  toggle('magnifier', text.review.magnifier, 'm'),
  ...compareCommands,
  ...contourCommands,
  ...pictureCommands,
];
