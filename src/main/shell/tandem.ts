/** Entry of the command line: `tandem COMMAND …`. */
import { ERROR_EXIT_CODES, formatError, TandemError, toErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';
import { DeskWorkstation } from '../desk/deskWorkstation.ts';
import { startNodeHost } from '../host/nodeHost.ts';
import { appVersion } from '../version.ts';
import { type Arguments, type Command, parseArguments } from './cli/command.ts';
import { commands } from './cli/commands.ts';
import { commandNamed, help } from './cli/help.ts';
import { ProgressLine } from './cli/progressLine.ts';
import { onStopRequest } from './cli/stopRequest.ts';
import { serve, serveUsage } from './serve.ts';

const [name, ...argv] = process.argv.slice(2);
const json = argv.includes('--json');
const described = [
  ...commands,
  {
    name: 'serve',
    usage: serveUsage,
    summary: 'The workstation’s window, served to a browser on this machine',
  },
];

try {
  process.exitCode = await main(name, argv);
} catch (error) {
  const data = toErrorData(error);
  if (json) console.log(JSON.stringify({ error: data }));
  console.error(formatError(data));
  process.exitCode = ERROR_EXIT_CODES[data.code];
}

async function main(commandName: string | undefined, rest: readonly string[]): Promise<number> {
  if (commandName === undefined || ['help', '--help', '-h'].includes(commandName)) {
    console.log(help(described, rest));
    return commandName === undefined ? ERROR_EXIT_CODES.usage : 0;
  }
  if (commandName === '--version' || commandName === 'version') {
    console.log(`Tandem MR ${appVersion}`);
    return 0;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(help(described, [commandName, ...rest]));
    return 0;
  }
  // Leaves at once: a slow end would take a second Ctrl-C (the starter's) for a fatal signal.
  if (commandName === 'serve') process.exit(await serve(rest));
  const [command, remaining] = commandNamed(commands, commandName, rest);
  if (!command) {
    throw new TandemError('usage', `There is no command “${commandName}”`, { hint: 'See: tandem help' });
  }
  return run(command, parseArguments(command, remaining));
}

async function run(command: Command, args: Arguments): Promise<number> {
  const request = command.request(args);
  const workstation = new DeskWorkstation(startNodeHost);
  const controller = new AbortController();
  const line = new ProgressLine(process.stderr);
  onStopRequest(() => {
    if (command.whenStopped !== undefined && !controller.signal.aborted) {
      line.show({ stage: 'stopping', done: 0, total: 0, message: command.whenStopped });
    }
    controller.abort();
  });
  try {
    const show = (progress: Progress) => line.show(progress);
    const { signal } = controller;
    const answer = await workstation.call(command.operation, request, { onProgress: show, signal });
    const result = (await command.settle?.(answer, { workstation, show, signal })) ?? answer;
    line.clear();
    console.log(args.flag('json') ? JSON.stringify(result, undefined, 2) : command.print(result));
    return command.exitCode?.(result) ?? 0;
  } finally {
    line.clear();
    workstation.close();
  }
}
