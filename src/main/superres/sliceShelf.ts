import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TandemError } from '../../core/errors.ts';
import type { Slice, SliceStack } from '../../core/volume/sliceStack.ts';

/** Results up to this size stay in memory. */
const IN_MEMORY_BYTES = 256 * 1024 ** 2;
/** Slices of one file that are kept in memory, because callers read a slice's pixels more than once. */
const CACHED = 2;

/** Closes the file of a shelf that nothing refers to any more. */
const closing = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));
const onDisk = new WeakSet<readonly Slice[]>();

/**
 * The slices of a result, put one after another. A large result lies in a temporary file, so that memory does
 * not grow with the number of slices: its `pixels` are read when they are asked for, so that a caller
 * should take them once a slice. The file has no name while it is in use: it goes when the process ends,
 * however it ends, or when nothing refers to the slices any more.
 */
export class SliceShelf {
  readonly #pixelsPerSlice: number;
  readonly #file: SliceFile | undefined;
  readonly #slices: Slice[] = [];

  constructor(pixelsPerSlice: number, slices: number, inMemoryBytes = IN_MEMORY_BYTES) {
    this.#pixelsPerSlice = pixelsPerSlice;
    if (4 * pixelsPerSlice * slices > inMemoryBytes) {
      this.#file = new SliceFile(pixelsPerSlice);
      onDisk.add(this.#slices);
    }
  }

  get length(): number {
    return this.#slices.length;
  }

  /** Appends a slice with other pixels than it has. Throws `write-failed` where the disk is full. */
  put(slice: Slice, pixels: Float32Array): void {
    if (pixels.length !== this.#pixelsPerSlice) throw new RangeError('The slices have different sizes');
    const { positionLps, source } = slice;
    const file = this.#file;
    if (file === undefined) {
      this.#slices.push({ positionLps, source, pixels });
      return;
    }
    const n = this.#slices.length;
    file.write(n, pixels);
    this.#slices.push({
      positionLps,
      source,
      get pixels() {
        return file.read(n);
      },
    });
  }

  get slices(): readonly Slice[] {
    return this.#slices;
  }
}

/** Bytes of memory that a stack's pixels hold: none where they lie in a file. */
export function heldBytes(stack: SliceStack): number {
  return onDisk.has(stack.slices) ? 0 : 4 * stack.rows * stack.columns * stack.slices.length;
}

class SliceFile {
  readonly #bytesPerSlice: number;
  readonly #descriptor: number;
  readonly #cache = new Map<number, Float32Array>();

  constructor(pixelsPerSlice: number) {
    this.#bytesPerSlice = 4 * pixelsPerSlice;
    this.#descriptor = guarded(() => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
      const descriptor = openSync(join(folder, 'slices'), 'wx+', 0o600);
      rmSync(folder, { recursive: true });
      return descriptor;
    });
    closing.register(this, this.#descriptor);
  }

  write(n: number, pixels: Float32Array): void {
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    guarded(() => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, n * this.#bytesPerSlice + done);
      }
    });
  }

  read(n: number): Float32Array {
    const known = this.#cache.get(n);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(this.#bytesPerSlice);
    for (let done = 0; done < bytes.length; ) {
      const position = n * this.#bytesPerSlice + done;
      const got = readSync(this.#descriptor, bytes, done, bytes.length - done, position);
      if (got === 0) throw new TandemError('failed', 'The temporary file of an enhanced series is cut short');
      done += got;
    }
    const pixels = new Float32Array(bytes.buffer);
    this.#cache.set(n, pixels);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED) break;
      this.#cache.delete(oldest);
    }
    return pixels;
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TandemError('write-failed', `The temporary file of the result cannot be written: ${code}`, {
      path: tmpdir(),
      hint: 'Free some disk space, or set TMPDIR to a folder on another disk.',
      cause: error,
    });
  }
}
