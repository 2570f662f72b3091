import type { FileKind } from './fileKinds.ts';

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
  /** The system's file dialog, for files of a kind; null where it was dismissed. */
  pickFile(kind: FileKind): Promise<string | null>;
}

/** Channels of Electron's IPC between the preload and the main process. */
export const contractChannel = 'tandem:contract';
export const pickFolderChannel = 'tandem:pick-folder';
export const pickFileChannel = 'tandem:pick-file';
