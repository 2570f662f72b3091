import type { TandemBridge } from '../../../core/contract/bridge.ts';
import type { Channel } from './channel.ts';

declare global {
  interface Window {
    readonly tandem?: TandemBridge;
  }
}

/** A channel over Electron's IPC. The main process lives as long as the window: it is always ready. */
export function bridgeChannel(bridge: TandemBridge): Channel {
  return {
    send: (message) => {
      bridge.send(message);
      return true;
    },
    onMessage: (listener) => bridge.onMessage(listener),
    onStatus: (listener) => {
      listener('ready');
      return () => {};
    },
    reconnect: () => {},
    close: () => {},
  };
}
