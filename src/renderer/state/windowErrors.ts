/** An error of the window itself: of its pages, not of something that the workstation was asked. */
export interface WindowError {
  readonly atMs: number;
  readonly message: string;
}

const MOST = 20;
let noted: readonly WindowError[] = [];

export function noteWindowError(error: unknown): void {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  noted = [{ atMs: Date.now(), message }, ...noted].slice(0, MOST);
}

/** The latest first. */
export function windowErrors(): readonly WindowError[] {
  return noted;
}

/** Notes what nobody caught; called once. */
export function watchWindowErrors(): void {
  window.addEventListener('error', (event) => noteWindowError(event.error ?? event.message));
  window.addEventListener('unhandledrejection', (event) => noteWindowError(event.reason));
}
