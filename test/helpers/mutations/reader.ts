import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Reading } from './readProcess.ts';

/** What came of a file: a reading, or the end of the process that tried. */
export type Outcome =
  | { readonly reading: Reading; readonly seconds: number }
  | { readonly ended: 'hang' | 'crash'; readonly words: string; readonly seconds: number };

/**
 * How long a file may take before its process is killed, s. More than what is allowed of it: on a machine
 * that does much else the processor's own seconds are what is held against the bound.
 */
const PATIENCE_S = 40;

/** Reads files one at a time in a child process, which is replaced where it crashes or hangs. */
export class Reader {
  #child: ChildProcess | undefined;

  async read(path: string): Promise<Outcome> {
    this.#child ??= start();
    const child = this.#child;
    const begin = performance.now();
    const seconds = (): number => (performance.now() - begin) / 1000;
    return new Promise((resolve) => {
      let words = '';
      const heard = (chunk: Buffer): void => {
        words = (words + chunk.toString()).slice(-2000);
      };
      const finish = (outcome: Outcome): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit);
        child.stderr?.off('data', heard);
        resolve(outcome);
      };
      const onMessage = (reading: Reading): void => finish({ reading, seconds: seconds() });
      const onExit = (code: number | null, signal: string | null): void => {
        this.#child = undefined;
        finish({ ended: 'crash', words: `${signal ?? code}: ${words}`, seconds: seconds() });
      };
      const timer = setTimeout(() => {
        this.#child = undefined;
        child.kill('SIGKILL');
        finish({ ended: 'hang', words, seconds: seconds() });
      }, PATIENCE_S * 1000);
      child.on('message', onMessage).on('exit', onExit);
      child.stderr?.on('data', heard);
      child.send(path);
    });
  }

  /** Ends the child. */
  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

function start(): ChildProcess {
  const script = fileURLToPath(new URL('readProcess.ts', import.meta.url));
  return fork(script, [], {
    serialization: 'advanced',
    execArgv: ['--expose-gc', '--max-old-space-size=2048'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
