import type { Progress } from '../../../core/job.ts';

interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Progress on stderr: one line that is rewritten on a terminal, a line a stage and tenth elsewhere. */
export class ProgressLine {
  readonly #output: Output;
  #shown = '';

  constructor(output: Output) {
    this.#output = output;
  }

  show(progress: Progress): void {
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[2K${describeProgress(progress)}`);
      this.#shown = 'terminal';
      return;
    }
    const tenth = progress.total > 0 ? Math.floor((10 * progress.done) / progress.total) : 0;
    const key = `${progress.stage} ${tenth}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#output.write(`${describeProgress(progress)}\n`);
  }

  clear(): void {
    if (this.#output.isTTY && this.#shown !== '') this.#output.write('\r\x1b[2K');
    this.#shown = '';
  }
}

/** `enhancing 12/55, 40 s left: message`; a total of 0 is not known. */
export function describeProgress(progress: Progress): string {
  const left = progress.secondsLeft === undefined ? '' : `, ${Math.ceil(progress.secondsLeft)} s left`;
  const message = progress.message === undefined ? '' : `: ${progress.message}`;
  const done = progress.total > 0 ? `${progress.done}/${progress.total}` : String(progress.done);
  return `${progress.stage} ${done}${left}${message}`;
}
