/** A connection to a browser's DevTools protocol that switches on no domain, and with that none of its records. */
export interface DevTools {
  /** Sends a command; to the browser itself where no session is given. Rejects with what the browser says. */
  send(method: string, parameters?: object, session?: string): Promise<Record<string, unknown>>;
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** @param address `ws://…/devtools/browser/…` */
export async function connectDevTools(address: string): Promise<DevTools> {
  const socket = new WebSocket(address);
  const open = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  let lastId = 0;
  const fail = (message: string): void => {
    for (const call of open.values()) call.reject(new Error(message));
    open.clear();
  };
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as Answer;
    const call = id === undefined ? undefined : open.get(id);
    if (id === undefined || call === undefined) return;
    open.delete(id);
    if (error === undefined) call.resolve(result ?? {});
    else call.reject(new Error(error.message));
  });
  socket.addEventListener('close', () => fail('The browser has ended'));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`No browser at ${address}`)), { once: true });
  });
  return {
    send: (method, parameters = {}, session) => {
      const id = ++lastId;
      const call = Promise.withResolvers<Record<string, unknown>>();
      open.set(id, call);
      socket.send(JSON.stringify({ id, method, params: parameters, sessionId: session }));
      return call.promise;
    },
    close: () => socket.close(),
  };
}
