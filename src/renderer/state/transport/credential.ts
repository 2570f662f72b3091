import type { Credential } from './socket.ts';

const STORED_AS = 'tandem.session';

/**
 * The one-time token of the browser shell, from the address (`/#token=…`), where it is then removed; or the
 * session key that this tab was given for it, so that a reload works. Where there are both (the address was
 * opened once more in the same tab) the key is what is left when the token is refused. `undefined` where
 * there is neither.
 */
export function takeCredential(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): Credential | undefined {
  const token = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (token !== null && token !== '')
    history.replaceState(null, '', `${location.pathname}${location.search}`);
  const known = [token, storage.getItem(STORED_AS)].filter((text) => text !== null && text !== '');
  if (known.length === 0) return undefined;
  return {
    get: () => known[0] ?? '',
    set: (session) => {
      known.splice(0, known.length, session);
      storage.setItem(STORED_AS, session);
    },
    refuse: () => {
      if (known.length < 2) return false;
      known.shift();
      return true;
    },
  };
}
