import { TandemError } from '../../errors.ts';
import { ascii, joinBytes } from '../dimse/bytes.ts';

/** multipart/related (RFC 2046, RFC 2387) as DICOMweb uses it: whole files, one a part. */

/** What comes out of the reader, in order: a part's headers, its bytes in pieces, its end. */
export type MultipartEvent =
  | { readonly type: 'part'; readonly headers: ReadonlyMap<string, string> }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end' };

const CRLF = '\r\n';
const MAX_BOUNDARY = 200;
const MAX_HEADER_BYTES = 16_384;
/** Lines before the first boundary that a reader has to pass over. */
const MAX_PREAMBLE_BYTES = 65_536;

/** The boundary named in a Content-Type. @throws TandemError `network-failed` where it is no multipart */
export function boundaryOf(contentType: string): string {
  const match = /^multipart\/[^;]*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(
    contentType.slice(0, 1024),
  );
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined || boundary.length > MAX_BOUNDARY) {
    throw multipartError('the content is not in parts');
  }
  return boundary;
}

/** What stands before a part's bytes. */
export function partHead(boundary: string, contentType: string, isFirst: boolean): Uint8Array {
  return ascii(`${isFirst ? '' : CRLF}--${boundary}${CRLF}Content-Type: ${contentType}${CRLF}${CRLF}`);
}

/** What stands after the last part. */
export function multipartTail(boundary: string): Uint8Array {
  return ascii(`${CRLF}--${boundary}--${CRLF}`);
}

type State = 'preamble' | 'after-boundary' | 'headers' | 'body' | 'done';

/**
 * Reads parts from a stream of bytes. Holds back no more than a boundary's length of a part's bytes, and no
 * more than 16 kB of its headers.
 */
export class MultipartReader {
  readonly #delimiter: Uint8Array;
  #held: Uint8Array;
  #state: State = 'preamble';
  #passed = 0;

  constructor(boundary: string) {
    this.#delimiter = ascii(`${CRLF}--${boundary}`);
    // The first boundary may stand at the very beginning: then its line break is not there.
    this.#held = ascii(CRLF);
  }

  /** @throws TandemError `network-failed` where the bytes are not in parts */
  *push(chunk: Uint8Array): Generator<MultipartEvent> {
    if (this.#state === 'done') return;
    this.#held = this.#held.length === 0 ? chunk : joinBytes([this.#held, chunk]);
    for (;;) {
      const before: State = this.#state;
      const length = this.#held.length;
      yield* this.#step();
      if (this.#state === before && (this.#held.length === length || this.#held.length === 0)) return;
      // `#step` ends the reading; the compiler cannot see that the state has changed.
      if ((this.#state as State) === 'done') return;
    }
  }

  /** @throws TandemError `network-failed` where the end of the last part has not come */
  finish(): void {
    if (this.#state !== 'done') throw multipartError('it ends in the middle of a part');
  }

  *#step(): Generator<MultipartEvent> {
    switch (this.#state) {
      case 'preamble': {
        const at = indexOf(this.#held, this.#delimiter);
        if (at >= 0) {
          this.#drop(at + this.#delimiter.length);
          this.#state = 'after-boundary';
          return;
        }
        this.#passed += this.#keepTail();
        if (this.#passed > MAX_PREAMBLE_BYTES) throw multipartError('its first part does not come');
        return;
      }
      case 'after-boundary': {
        if (this.#held.length < 2) return;
        if (this.#held[0] === 0x2d && this.#held[1] === 0x2d) {
          this.#state = 'done';
          this.#held = new Uint8Array();
          return;
        }
        const at = indexOf(this.#held, ascii(CRLF));
        if (at < 0) {
          if (this.#held.length > MAX_BOUNDARY) throw multipartError('a boundary does not end its line');
          return;
        }
        // Kept: a part without headers begins with the empty line that ends them.
        this.#drop(at);
        this.#state = 'headers';
        return;
      }
      case 'headers': {
        const end = indexOf(this.#held, ascii(CRLF + CRLF));
        if (end > MAX_HEADER_BYTES || (end < 0 && this.#held.length > MAX_HEADER_BYTES)) {
          throw multipartError('a part has too many headers');
        }
        if (end < 0) return;
        const headers = parseHeaders(this.#held.subarray(0, end));
        // The last line break may begin the delimiter of an empty part.
        this.#drop(end + 2);
        this.#state = 'body';
        this.#atBodyStart = true;
        yield { type: 'part', headers };
        return;
      }
      case 'body': {
        const at = indexOf(this.#held, this.#delimiter);
        if (at >= 0) {
          yield* this.#body(at);
          this.#drop(this.#delimiter.length);
          this.#state = 'after-boundary';
          yield { type: 'end' };
          return;
        }
        const safe = this.#held.length - this.#delimiter.length;
        if (safe > 2) yield* this.#body(safe);
        return;
      }
      case 'done':
        return;
    }
  }

  #atBodyStart = false;

  *#body(count: number): Generator<MultipartEvent> {
    // Of the line break kept from the headers nothing belongs to the part.
    const from = this.#atBodyStart ? Math.min(2, count) : 0;
    const bytes = this.#held.subarray(from, count);
    this.#drop(count);
    this.#atBodyStart = false;
    if (bytes.length > 0) yield { type: 'bytes', bytes };
  }

  /** Drops all but what could be the beginning of a delimiter; returns how much. */
  #keepTail(): number {
    const drop = Math.max(0, this.#held.length - this.#delimiter.length);
    this.#drop(drop);
    return drop;
  }

  #drop(count: number): void {
    this.#held = this.#held.subarray(count);
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(wanted[0]!); at >= 0 && at <= last; at = bytes.indexOf(wanted[0]!, at + 1)) {
    let n = 1;
    while (n < wanted.length && bytes[at + n] === wanted[n]) n++;
    if (n === wanted.length) return at;
  }
  return -1;
}

function parseHeaders(bytes: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of new TextDecoder('latin1').decode(bytes).split(CRLF)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

function multipartError(what: string): TandemError {
  return new TandemError('network-failed', `The server’s answer cannot be taken apart: ${what}`, {
    hint: 'Try again; if it happens again, the server does not keep to DICOMweb.',
  });
}
