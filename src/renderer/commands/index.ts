import type { Task } from '../state/store.ts';
import { alignCommands } from './align.ts';
import type { Command } from './command.ts';
import { helpCommands } from './help.ts';
import { historyCommands } from './history.ts';
import { jobsCommands } from './jobs.ts';
import { modelsCommands } from './models.ts';
import { reviewCommands } from './review.ts';
import { studiesCommands } from './studies.ts';
import { tasksCommands } from './tasks.ts';
import { windowCommands } from './window.ts';

/** Every command, room by room; each room has a file of its own here. */
export const COMMANDS: readonly Command[] = [
  ...tasksCommands,
  ...studiesCommands,
  ...alignCommands,
  ...reviewCommands,
  ...jobsCommands,
  ...modelsCommands,
  ...historyCommands,
  ...windowCommands,
  ...helpCommands,
];

export function isPossible(command: Command): boolean {
  return command.when?.() ?? true;
}

/** What a key does now: the task's own command before one for all tasks. One that cannot be done has no key. */
export function commandOfKey(
  name: string,
  task: Task,
  commands: readonly Command[] = COMMANDS,
): Command | undefined {
  const fitting = commands.filter(
    (command) =>
      command.keys?.includes(name) === true && (command.task ?? task) === task && isPossible(command),
  );
  return fitting.find((command) => command.task === task) ?? fitting[0];
}
