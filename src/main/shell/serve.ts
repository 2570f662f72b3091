import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { TandemError } from '../../core/errors.ts';
import { DeskWorkstation } from '../desk/deskWorkstation.ts';
import { startNodeHost } from '../host/nodeHost.ts';
import { dataFolder, rendererFolder } from '../paths.ts';
import { startBrowserShell } from './browserShell.ts';
import { parseArguments } from './cli/command.ts';
import { onStopRequest } from './cli/stopRequest.ts';
import { keepWindow, readKnownWindows } from './knownWindows.ts';

export const serveUsage = 'tandem serve [--port N] [--no-open]';

/** `tandem serve`: the window in a browser on this machine, until Ctrl-C. */
export async function serve(argv: readonly string[]): Promise<number> {
  const args = parseArguments(
    {
      usage: serveUsage,
      positionals: 0,
      options: { port: { type: 'string' }, 'no-open': { type: 'boolean' } },
    },
    argv,
  );
  if (!existsSync(rendererFolder)) {
    throw new TandemError('failed', 'The window has not been built', {
      path: rendererFolder,
      hint: 'Run: npm run build',
    });
  }
  const port = args.number('port') ?? 0;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TandemError('usage', `--port is a whole number up to 65535, not “${port}”`);
  }
  // Before the address is told: who reads it may ask to stop at once.
  const stopped = new Promise<void>((resolve) => onStopRequest(resolve));
  const workstation = new DeskWorkstation(startNodeHost);
  const say = (url: string, line: string): void =>
    console.log(args.flag('json') ? JSON.stringify({ url, port: Number(new URL(url).port) }) : line);
  const onLeft = (url: string): void => {
    const jobs = workstation.jobs.isRunning ? ' and its jobs go on' : ' goes on';
    say(url, `The window was closed; the workstation${jobs}. To come back: ${url}`);
  };
  let keeping = Promise.resolve();
  const before = await readKnownWindows(dataFolder());
  const shell = await startBrowserShell({
    ...{ workstation, rendererFolder, port, onLeft },
    ...{ wishedPort: before.port, known: before.sessions },
    onEntered: (sha256, at) => {
      // Where nothing can be written, a window asks for a new address after a restart.
      keeping = keeping.then(() => keepWindow(dataFolder(), { port: at, sha256 })).catch(() => {});
    },
  });
  workstation.jobs.resume();
  say(shell.url, `Tandem MR is at ${shell.url}`);
  console.error('The address works once, in one browser. Ctrl-C ends the workstation.');
  if (!args.flag('no-open')) openInBrowser(shell.url);
  await stopped;
  await shell.close();
  workstation.close();
  return 0;
}

/** Asks the desktop for its browser, where there is a desktop; the printed address serves everyone else. */
function openInBrowser(url: string): void {
  const opener = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''], linux: ['xdg-open'] }[
    process.platform as string
  ];
  const desktop = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!opener || !desktop) return;
  const [command = '', ...args] = opener;
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
