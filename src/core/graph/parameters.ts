import { createRandom, type Random } from '../random.ts';
import type { Parameter } from './graph.ts';
import { elementCount, type Shape } from './shape.ts';

/** How a parameter starts. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Normal, drawn again beyond two standard deviations from 0. */
  | { readonly kind: 'truncatedNormal'; readonly standardDeviation: number }
  /** Each value from its place in the tensor (row by row) and, where it is drawn, the parameter's own generator. */
  | { readonly kind: 'function'; readonly value: (index: number, random: Random) => number };

export const ZEROS: Initializer = { kind: 'constant', value: 0 };
export const ONES: Initializer = { kind: 'constant', value: 1 };

/**
 * Normal with variance gain² / fan-in: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015,
 * eq. 10 (gain √2 before a ReLU). `shape` is [out, in, ...kernel].
 */
export function kaimingNormal(shape: Shape, gain: number = Math.SQRT2): Initializer {
  return { kind: 'normal', standardDeviation: gain / Math.sqrt(elementCount(shape.slice(1))) };
}

/**
 * The starting values of every parameter, by path. Each parameter draws from its own generator, named by
 * its path: adding a layer does not move how the others start.
 */
export function initialValues(parameters: readonly Parameter[], seed: number): Map<string, Float32Array> {
  const random = createRandom(seed);
  const values = new Map<string, Float32Array>();
  for (const { path, tensor, initializer } of parameters) {
    const own = random.fork(path);
    const data = new Float32Array(elementCount(tensor.shape));
    for (let n = 0; n < data.length; n++) data[n] = initialValue(initializer, n, own);
    values.set(path, data);
  }
  return values;
}

function initialValue(initializer: Initializer, index: number, random: Random): number {
  switch (initializer.kind) {
    case 'constant':
      return initializer.value;
    case 'normal':
      return random.normal(0, initializer.standardDeviation);
    case 'uniform':
      return random.between(-initializer.bound, initializer.bound);
    case 'truncatedNormal': {
      const { standardDeviation } = initializer;
      for (;;) {
        const value = random.normal(0, standardDeviation);
        if (Math.abs(value) <= 2 * standardDeviation) return value;
      }
    }
    case 'function':
      return initializer.value(index, random);
  }
}

/** Number of trained values; what is only kept (running statistics) does not count. */
export function parameterCount(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { tensor, trained }) => sum + (trained ? elementCount(tensor.shape) : 0), 0);
}
