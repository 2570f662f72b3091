import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The Python that has PyTorch: $TANDEM_PYTHON, python3, or Debian's own; undefined where none has. */
export function pythonWithTorch(): string | undefined {
  const candidates = [process.env.TANDEM_PYTHON, 'python3', '/usr/bin/python3'];
  return candidates.find(
    (python) =>
      python !== undefined && spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
}

export interface StepsDone {
  /** Before the last of the steps. */
  readonly loss: number;
  /** Growth of the peak of resident memory since before the network was made, in bytes. */
  readonly grown: number;
}

/** A process that makes training steps as it is asked to: a line with their number in, a line of JSON out. */
export class StepProcess {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  async steps(count: number): Promise<StepsDone> {
    this.child.stdin!.write(`${count}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`${this.child.spawnfile} ended before it had made its steps`);
    return JSON.parse(value) as StepsDone;
  }

  /** Ends the process and waits for it. */
  end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.stdin!.end();
    return ended;
  }
}
