import type { CommandGroup } from '../commands/command.ts';

const groups: Record<CommandGroup, string> = {
  tasks: 'Tasks',
  study: 'Study',
  slices: 'Slices',
  layout: 'Layout',
  images: 'Images',
  compare: 'Comparison',
  measure: 'Measuring',
  contours: 'Outlines (preview)',
  align: 'Alignment',
  jobs: 'Jobs',
  edit: 'Undo',
  window: 'Window',
  help: 'Help',
};

export const commandsText = {
  groups,
  goTo: (task: string): string => `Go to ${task}`,
  nextTask: 'Next task',
  previousTask: 'Previous task',
  scroll: {
    next: 'Next slice',
    previous: 'Previous slice',
    tenOn: 'Ten slices on',
    tenBack: 'Ten slices back',
    first: 'First slice',
    last: 'Last slice',
  },
  onePlane: (plane: string): string => `${plane} plane large`,
  preset: (name: string): string => `Window: ${name}`,
  nextPreset: 'Next window preset',
  resetWindows: 'Reset the windows',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  undo: 'Undo',
  redo: 'Redo',
};

/** Names of keys, as they are printed on keyboards. */
export const keysText = {
  Control: 'Ctrl',
  Alt: 'Alt',
  Shift: 'Shift',
  Space: 'Space',
  Enter: 'Enter',
  Escape: 'Esc',
  Delete: 'Del',
  Backspace: 'Backspace',
  Tab: 'Tab',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  Home: 'Home',
  End: 'End',
  '-': '−',
};

export const paletteText = {
  open: 'Find a command',
  title: 'Commands',
  label: 'What do you want to do?',
  list: 'Commands',
  none: 'No command is called that.',
  found: (n: number): string => `${n} ${n === 1 ? 'command' : 'commands'}`,
};
