import type { Channel, ConnectionStatus } from './channel.ts';
import { isRecord } from './messages.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
/** The workstation's close code for a window that it does not let in. */
const REFUSED = 4401;

/** What lets the window in: first the one-time token, then the session key that came for it. */
export interface Credential {
  readonly get: () => string;
  readonly set: (session: string) => void;
  /** It was not let in: whether there is another to try, which `get` gives from now on. */
  readonly refuse: () => boolean;
}

/**
 * A channel over a WebSocket. It says hello with the credential and is ready when it was welcomed. A broken
 * connection is taken up again, at growing intervals; nothing is sent twice.
 */
export function socketChannel(url: string, credential: Credential): Channel {
  const statusListeners = new Set<(status: ConnectionStatus) => void>();
  let receive: (message: unknown) => void = () => {};
  let status: ConnectionStatus = 'connecting';
  let socket: WebSocket | undefined;
  let retryMs = FIRST_RETRY_MS;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const setStatus = (next: ConnectionStatus): void => {
    if (next === status) return;
    status = next;
    for (const listener of statusListeners) listener(status);
  };

  const open = (): void => {
    clearTimeout(retryTimer);
    const next = new WebSocket(url);
    socket = next;
    next.addEventListener('open', () => {
      next.send(JSON.stringify({ type: 'hello', token: credential.get() }));
    });
    next.addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = parse(event.data);
      if (isRecord(message) && message.type === 'welcome') {
        if (typeof message.session === 'string') credential.set(message.session);
        retryMs = FIRST_RETRY_MS;
        setStatus('ready');
      } else receive(message);
    });
    next.addEventListener('close', (event) => {
      if (socket !== next) return;
      if (event.code === REFUSED) {
        if (!closed && credential.refuse()) open();
        else setStatus('refused');
        return;
      }
      setStatus('stopped');
      if (closed) return;
      retryTimer = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  };

  open();

  return {
    send: (message) => {
      if (status !== 'ready' || socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    onMessage: (listener) => {
      receive = listener;
    },
    onStatus: (listener) => {
      statusListeners.add(listener);
      listener(status);
      return () => statusListeners.delete(listener);
    },
    reconnect: () => {
      if (status === 'stopped' && !closed && socket?.readyState !== WebSocket.CONNECTING) open();
    },
    close: () => {
      closed = true;
      clearTimeout(retryTimer);
      socket?.close();
    },
  };
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
