import type { ErrorData } from '../../core/errors.ts';

export interface LoggedError {
  readonly atMs: number;
  readonly operation: string;
  readonly code: string;
  /** As it was told: to be redacted before it is shown to anybody else. */
  readonly message: string;
}

/** The last errors of this run, in memory alone. What the user cancelled is no error. */
export class ErrorLog {
  readonly #most: number;
  #errors: LoggedError[] = [];

  constructor(most = 40) {
    this.#most = most;
  }

  note(operation: string, { code, message }: ErrorData): void {
    if (code === 'cancelled') return;
    this.#errors = [{ atMs: Date.now(), operation, code, message }, ...this.#errors].slice(0, this.#most);
  }

  /** The latest first. */
  get errors(): readonly LoggedError[] {
    return this.#errors;
  }
}
