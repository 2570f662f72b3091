/**
 * The project's only source of randomness: xoshiro128** (Blackman & Vigna, "Scrambled linear
 * pseudorandom number generators", ACM TOMS 2021), seeded through splitmix32. The same seed gives the
 * same sequence on every platform; `state()` is plain data, so that a checkpoint can go on exactly.
 */

/** What a checkpoint keeps of a generator: four 32-bit words and the spare normal deviate, if any. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

export interface Random {
  /** Uniform over the 32-bit unsigned integers. */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform over 0 … below − 1, without bias. `below` is an integer from 1 to 2³². */
  integer(below: number): number;
  /** Normal deviate of the given mean (0) and standard deviation (1). */
  normal(mean?: number, standardDeviation?: number): number;
  /** Permutes in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[];
  /**
   * An independent generator named by `label`, made from the present state without advancing it:
   * what one part draws does not move what another part draws.
   */
  fork(label: string): Random;
  state(): RandomState;
}

/** A generator from an integer seed (its low 64 bits count). */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is an integer, not ${seed}.`);
  const mix = splitmix32((seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32) >>> 0, 0x9e3779b1));
  return generator([mix(), mix(), mix(), mix()], null);
}

/** The generator that goes on where `state()` was taken. */
export function restoreRandom(state: RandomState): Random {
  if (state.words.every((word) => word === 0)) throw new RangeError('A random state cannot be all zero.');
  return generator([...state.words], state.spare);
}

function generator(s: [number, number, number, number], spareNormal: number | null): Random {
  let spare = spareNormal;

  function uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  function uniform(): number {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  function integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`Cannot draw an integer below ${below}.`);
    }
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const value = uint32();
      if (value < limit) return value % below;
    }
  }

  /** Marsaglia's polar method; the second deviate of each pair is kept for the next call. */
  function normal(mean = 0, standardDeviation = 1): number {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return mean + standardDeviation * value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const r = x * x + y * y;
      if (r > 0 && r < 1) {
        const factor = Math.sqrt((-2 * Math.log(r)) / r);
        spare = y * factor;
        return mean + standardDeviation * x * factor;
      }
    }
  }

  return {
    uint32,
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer,
    normal,
    shuffle(items) {
      for (let n = items.length - 1; n > 0; n--) {
        const other = integer(n + 1);
        const item = items[n]!;
        items[n] = items[other]!;
        items[other] = item;
      }
      return items;
    },
    fork(label) {
      let hash = 0x811c9dc5;
      for (const unit of new TextEncoder().encode(label)) hash = Math.imul(hash ^ unit, 0x01000193);
      const mix = splitmix32(hash);
      return generator(
        [
          mix() ^ splitmix32(s[0])(),
          mix() ^ splitmix32(s[1])(),
          mix() ^ splitmix32(s[2])(),
          (mix() ^ splitmix32(s[3])()) | 1,
        ],
        null,
      );
    },
    state: () => ({ words: [s[0] >>> 0, s[1] >>> 0, s[2] >>> 0, s[3] >>> 0], spare }),
  };
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** splitmix32: turns a seed into well-mixed words. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
}
