import { abs, add, div, mean, mul, reduceSum, relu, sqrt, sub } from '../../../../src/core/graph/index.ts';
import { awayFromZero, type OperatorCase, pairs, positive, singles } from './operatorCase.ts';

export const arithmeticCases: readonly OperatorCase[] = [
  { name: 'add', shapes: pairs, build: ([a, b]) => add(a!, b!) },
  { name: 'sub', shapes: pairs, build: ([a, b]) => sub(a!, b!) },
  { name: 'mul', shapes: pairs, build: ([a, b]) => mul(a!, b!) },
  { name: 'mul by itself', shapes: singles, build: ([a]) => mul(a!, a!) },
  { name: 'div', shapes: pairs, build: ([a, b]) => div(a!, b!), values: awayFromZero },
  { name: 'relu', shapes: singles, build: ([a]) => relu(a!), values: awayFromZero },
  { name: 'abs', shapes: singles, build: ([a]) => abs(a!), values: awayFromZero },
  { name: 'sqrt', shapes: singles, build: ([a]) => sqrt(a!), values: positive },
  { name: 'reduceSum of the last axis', shapes: singles, build: ([a]) => reduceSum(a!, [-1]) },
  { name: 'reduceSum of all axes', shapes: singles, build: ([a]) => mul(reduceSum(a!), a!) },
  { name: 'mean', shapes: singles, build: ([a]) => mean(a!) },
];
