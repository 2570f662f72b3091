import type { Credential } from './socket.ts';

const STORED_AS = 'tandem.session';

/**
 * The one-time token of the browser shell, from the address (`/#token=…`), where it is then removed; or the
 * session key that this tab was given for it, so that a reload works. `undefined` where there is neither.
 */
export function takeCredential(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): Credential | undefined {
  const token = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (token !== null && token !== '')
    history.replaceState(null, '', `${location.pathname}${location.search}`);
  let current = token || storage.getItem(STORED_AS);
  if (current === null || current === '') return undefined;
  return {
    get: () => current ?? '',
    set: (session) => {
      current = session;
      storage.setItem(STORED_AS, session);
    },
  };
}
