import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Who may talk to the browser shell: the page that was opened with the one-time token. The token is spent by
 * its first use; from then on the session key, which only that page learned, is asked for. A window that was
 * closed has forgotten its key: a new token lets its user back in.
 */
export class Access {
  #token = newSecret();
  readonly #sessions: Set<string>;
  #spent = false;

  /** @param known fingerprints of session keys that were given out before this start. */
  constructor(known: Iterable<string> = []) {
    this.#sessions = new Set(known);
  }

  get token(): string {
    return this.#token;
  }

  /** Makes another token in the place of the one before; session keys stay. */
  renew(): void {
    this.#token = newSecret();
    this.#spent = false;
  }

  /** The session key for a token (first use only) or for a session key that is known; else undefined. */
  enter(credential: string): string | undefined {
    if (this.knows(credential)) return credential;
    if (this.#spent || !sameText(credential, this.#token)) return undefined;
    this.#spent = true;
    const session = newSecret();
    this.#sessions.add(fingerprint(session));
    return session;
  }

  /** Whether this is a session key that was given out. */
  knows(credential: string): boolean {
    return this.#sessions.has(fingerprint(credential));
  }
}

/** What is kept of a session key: with it the key is known again, and cannot be made. */
export function fingerprint(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
