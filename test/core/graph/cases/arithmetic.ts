import {
  abs,
  add,
  div,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  mask,
  mean,
  mul,
  reduceMax,
  reduceMean,
  reduceSum,
  sqrt,
  sub,
  where,
} from '../../../../src/core/graph/index.ts';
import { awayFromZero, type OperatorCase, pairs, positive, singles } from './operatorCase.ts';

export const arithmeticCases: readonly OperatorCase[] = [
  { name: 'add', shapes: pairs, build: ([a, b]) => add(a!, b!) },
  { name: 'sub', shapes: pairs, build: ([a, b]) => sub(a!, b!) },
  { name: 'mul', shapes: pairs, build: ([a, b]) => mul(a!, b!) },
  { name: 'mul by itself', shapes: singles, build: ([a]) => mul(a!, a!) },
  { name: 'div', shapes: pairs, build: ([a, b]) => div(a!, b!), values: awayFromZero },
  { name: 'abs', shapes: singles, build: ([a]) => abs(a!), values: awayFromZero },
  { name: 'sqrt', shapes: singles, build: ([a]) => sqrt(a!), values: positive },
  { name: 'reduceSum of the last axis', shapes: singles, build: ([a]) => reduceSum(a!, [-1]) },
  { name: 'reduceSum of all axes', shapes: singles, build: ([a]) => mul(reduceSum(a!), a!) },
  {
    name: 'reduceSum of the first and last axes',
    shapes: [[[3, 5]], [[2, 3, 4]], [[2, 3, 1, 5]]],
    build: ([a]) => reduceSum(a!, [0, -1]),
  },
  { name: 'reduceMean of the last axis', shapes: singles, build: ([a]) => reduceMean(a!, [-1]) },
  { name: 'reduceMean of the first axis', shapes: singles, build: ([a]) => reduceMean(a!, [0]) },
  { name: 'reduceMax of the last axis', shapes: singles, build: ([a]) => reduceMax(a!, [-1]) },
  { name: 'reduceMax of the first axis', shapes: singles, build: ([a]) => reduceMax(a!, [0]) },
  {
    name: 'reduceMax of two axes',
    shapes: [[[3, 5]], [[2, 3, 4]], [[2, 3, 5, 2]]],
    build: ([a]) => reduceMax(a!, [-2, -1]),
  },
  {
    name: 'where a comparison holds',
    shapes: pairs,
    build: ([a, b]) => where(greater(a!, b!), mul(a!, a!), mul(b!, 3)),
  },
  {
    name: 'comparisons as masks',
    shapes: pairs,
    build: ([a, b]) =>
      [less(a!, b!), lessOrEqual(b!, a!), greaterOrEqual(a!, 0), equal(a!, a!)]
        .map(mask)
        .reduce((sum, one, n) => add(sum, mul(mul(one, a!), n + 1)), mul(b!, 1)),
  },
  { name: 'mean', shapes: singles, build: ([a]) => mean(a!) },
];
