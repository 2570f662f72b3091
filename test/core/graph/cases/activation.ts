import {
  clamp,
  erf,
  exp,
  gelu,
  leakyRelu,
  log,
  logSoftmax,
  maximum,
  minimum,
  mul,
  pow,
  relu,
  sigmoid,
  sign,
  silu,
  softmax,
  softplus,
  tanh,
} from '../../../../src/core/graph/index.ts';
import { awayFromZero, type OperatorCase, pairs, positive, singles } from './operatorCase.ts';

/** Maps as networks have them: odd, non-square, several images. */
const maps = [[[1, 3, 4, 5]], [[2, 4, 3, 1]], [[3, 7]]] as const;

export const activationCases: readonly OperatorCase[] = [
  { name: 'relu', shapes: singles, build: ([a]) => relu(a!), values: awayFromZero },
  { name: 'leakyRelu', shapes: singles, build: ([a]) => leakyRelu(a!, 0.1), values: awayFromZero },
  { name: 'sign', shapes: singles, build: ([a]) => mul(a!, sign(a!)), values: awayFromZero },
  { name: 'exp', shapes: singles, build: ([a]) => exp(a!) },
  { name: 'log', shapes: singles, build: ([a]) => log(a!), values: positive },
  { name: 'erf', shapes: singles, build: ([a]) => erf(mul(a!, 1.5)) },
  { name: 'sigmoid', shapes: singles, build: ([a]) => sigmoid(mul(a!, 3)) },
  { name: 'tanh', shapes: singles, build: ([a]) => tanh(a!) },
  { name: 'silu', shapes: singles, build: ([a]) => silu(mul(a!, 2)) },
  { name: 'gelu', shapes: singles, build: ([a]) => gelu(mul(a!, 2)) },
  { name: 'softplus', shapes: singles, build: ([a]) => softplus(mul(a!, 4)) },
  { name: 'pow 2.5', shapes: singles, build: ([a]) => pow(a!, 2.5), values: positive },
  { name: 'pow 3', shapes: singles, build: ([a]) => pow(a!, 3) },
  { name: 'pow −1', shapes: singles, build: ([a]) => pow(a!, -1), values: awayFromZero },
  { name: 'maximum', shapes: pairs, build: ([a, b]) => maximum(a!, b!) },
  { name: 'minimum', shapes: pairs, build: ([a, b]) => minimum(a!, b!) },
  {
    name: 'clamp',
    shapes: singles,
    build: ([a]) => clamp(a!, { low: -1, high: 1 }),
    // Away from the bounds.
    values: (random) =>
      (random.integer(2) === 0 ? -1 : 1) * [0.5, 1.5][random.integer(2)]! * random.between(0.8, 1.2),
  },
  {
    name: 'clamp from below',
    shapes: singles,
    build: ([a]) => clamp(a!, { low: 0 }),
    values: awayFromZero,
  },
  {
    name: 'clamp from above',
    shapes: singles,
    build: ([a]) => clamp(a!, { high: 0 }),
    values: awayFromZero,
  },
  { name: 'softmax of the last axis', shapes: maps, build: ([a]) => softmax(mul(a!, 3)) },
  { name: 'softmax of channels', shapes: maps, build: ([a]) => softmax(mul(a!, 3), 1) },
  { name: 'logSoftmax of the last axis', shapes: maps, build: ([a]) => logSoftmax(mul(a!, 3)) },
  { name: 'logSoftmax of channels', shapes: maps, build: ([a]) => logSoftmax(mul(a!, 3), 1) },
];
