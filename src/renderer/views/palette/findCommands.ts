import { COMMAND_GROUPS, type Command } from '../../commands/command.ts';
import { fuzzyMatch } from '../../commands/fuzzy.ts';
import { text } from '../../text.ts';

export interface Found {
  readonly command: Command;
  /** Matched letters of the title. */
  readonly at: readonly number[];
}

/** The commands that fit what was typed, best first; all, by group, where nothing was. A group's name fits too. */
export function findCommands(typed: string, commands: readonly Command[]): Found[] {
  if (typed.trim() === '') {
    return COMMAND_GROUPS.flatMap((group) =>
      commands.filter((command) => command.group === group).map((command) => ({ command, at: [] })),
    );
  }
  return commands
    .flatMap((command) => {
      const own = fuzzyMatch(typed, command.title);
      if (own !== undefined) return [{ command, at: own.at, score: own.score }];
      const withGroup = fuzzyMatch(typed, `${text.commands.groups[command.group]} ${command.title}`);
      return withGroup === undefined ? [] : [{ command, at: [], score: withGroup.score / 2 }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ command, at }) => ({ command, at }));
}
