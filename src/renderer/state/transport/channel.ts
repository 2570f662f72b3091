import type { ErrorData } from '../../../core/errors.ts';
import type { ClientMessage } from './messages.ts';

/**
 * `stopped`: the workstation is gone (its process ended, or the connection broke), the window tries to come
 * back. `refused`: it is there and does not know this window.
 */
export type ConnectionStatus = 'connecting' | 'ready' | 'stopped' | 'refused';

/** Carries messages to and from the workstation: a WebSocket in a browser, IPC in Electron. */
export interface Channel {
  /** False where the message could not be handed over. */
  readonly send: (message: ClientMessage) => boolean;
  readonly onMessage: (listener: (message: unknown) => void) => void;
  /** Calls the listener now and at every change; returns how to stop. */
  readonly onStatus: (listener: (status: ConnectionStatus) => void) => () => void;
  /** Tries again at once after `stopped`. */
  readonly reconnect: () => void;
  readonly close: () => void;
}

export const WORKSTATION_STOPPED: ErrorData = {
  code: 'host-crashed',
  message: 'The workstation has stopped',
  hint: 'Start it again and open the address that it prints.',
};
