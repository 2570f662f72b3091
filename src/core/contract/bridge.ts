/**
 * What Electron's preload puts on `window.tandem`. The messages are the same as the browser shell's
 * WebSocket carries (call, cancel; progress, result, error), so that a page has one client for both.
 */
export interface TandemBridge {
  readonly shell: 'electron';
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Full path of a `File` that was dropped on the page. */
  pathOf(file: object): string;
  /** The system's folder dialog; null where it was dismissed. */
  pickFolder(): Promise<string | null>;
}

/** Channels of Electron's IPC between the preload and the main process. */
export const contractChannel = 'tandem:contract';
export const pickFolderChannel = 'tandem:pick-folder';
