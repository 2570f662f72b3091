import { currentStudy, setApp, TASKS, type Task, useApp } from '../state/store.ts';
import { text } from '../text.ts';
import type { Command } from './command.ts';

const hasStudy = (): boolean => currentStudy(useApp.getState()) !== undefined;

export function goTo(task: Task): void {
  setApp({ task, panelOpen: true });
}

function step(by: 1 | -1): void {
  const next = TASKS[TASKS.indexOf(useApp.getState().task) + by];
  if (next !== undefined) goTo(next);
}

export const tasksCommands: readonly Command[] = [
  ...TASKS.map(
    (task): Command => ({
      id: `tasks.${task}`,
      title: text.commands.goTo(text.tasks[task]),
      group: 'tasks',
      when: hasStudy,
      run: () => goTo(task),
    }),
  ),
  {
    id: 'tasks.next',
    title: text.commands.nextTask,
    group: 'tasks',
    keys: [']'],
    when: hasStudy,
    run: () => step(1),
  },
  {
    id: 'tasks.previous',
    title: text.commands.previousTask,
    group: 'tasks',
    keys: ['['],
    when: hasStudy,
    run: () => step(-1),
  },
];
