import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DeviceCheck } from '../helpers/graph.ts';

export interface CaseRequest {
  readonly name: string;
}

export type CaseReply =
  | { readonly checks: readonly { readonly shapes: string; readonly errors: DeviceCheck }[] }
  | { readonly error: string };

/**
 * Runs operator cases in a process of their own, one after another. A case at which the process dies (a
 * driver can abort it) or does not answer in time is an error of that case; the next one starts another.
 */
export class CaseRunner {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #entry: URL;
  readonly #timeoutMs: number;
  #child: ChildProcess | undefined;
  #lastWords = '';
  #last: Promise<unknown> = Promise.resolve();

  constructor(environment: NodeJS.ProcessEnv, options: { entry?: URL; timeoutMs?: number } = {}) {
    this.#environment = environment;
    this.#entry = options.entry ?? new URL('./caseProcess.ts', import.meta.url);
    this.#timeoutMs = options.timeoutMs ?? 180_000;
  }

  /** Runs a case after those that were asked for before. */
  run(name: string): Promise<CaseReply> {
    const reply = this.#last.then(() => this.#run(name));
    this.#last = reply;
    return reply;
  }

  #run(name: string): Promise<CaseReply> {
    const child = this.#child ?? this.#start();
    this.#child = child;
    this.#lastWords = '';
    return new Promise((resolve) => {
      const settle = (reply: CaseReply) => {
        clearTimeout(timer);
        child.removeAllListeners('message').removeAllListeners('exit');
        resolve(reply);
      };
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#timeoutMs);
      child.once('message', (reply: CaseReply) => settle(reply));
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        const how = signal === 'SIGKILL' ? 'killed: no answer in time' : (signal ?? `exit code ${code}`);
        settle({ error: `The process of “${name}” ended (${how}) ${this.#lastWords.trim()}` });
      });
      child.send({ name } satisfies CaseRequest);
    });
  }

  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(this.#entry), {
      env: this.#environment,
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2000);
    });
    return child;
  }
}
