import type { Task } from '../state/store.ts';

/** Headings of the shortcut sheet and the palette, in their order. */
export const COMMAND_GROUPS = [
  'tasks',
  'study',
  'slices',
  'layout',
  'images',
  'compare',
  'measure',
  'contours',
  'align',
  'jobs',
  'edit',
  'window',
  'help',
] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** One thing that the user can do: in the palette by its title, by its keys, and in the shortcut sheet. */
export interface Command {
  /** Unique, `room.what`. */
  readonly id: string;
  readonly title: string;
  readonly group: CommandGroup;
  /** Each as `keyName` writes it: `w`, `Shift+w`, `Mod+k` (Ctrl, or ⌘ on a Mac), `ArrowUp`, `?`. */
  readonly keys?: readonly string[];
  /** Its keys work in this task only, and there before the same keys of a command for all tasks. */
  readonly task?: Task;
  /** A held key runs it again and again; without this only once. */
  readonly repeats?: boolean;
  /** Whether it can be done now; absent: always. */
  when?(): boolean;
  run(): void;
}
