import {
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  maxPool2d,
} from '../../../../src/core/graph/index.ts';
import type { OperatorCase, Shapes } from './operatorCase.ts';

const images: readonly Shapes[] = [[[1, 1, 5, 5]], [[2, 3, 7, 4]], [[3, 2, 6, 9]]];

export const poolCases: readonly OperatorCase[] = [
  { name: 'globalAveragePool', shapes: images, build: ([x]) => globalAveragePool(x!) },
  { name: 'globalMaxPool', shapes: images, build: ([x]) => globalMaxPool(x!) },
  { name: 'maxPool2d 2×2', shapes: images, build: ([x]) => maxPool2d(x!, 2) },
  {
    name: 'maxPool2d 3×3, stride 2, padding 1',
    shapes: images,
    build: ([x]) => maxPool2d(x!, 3, { stride: 2, padding: 1 }),
  },
  { name: 'averagePool2d 2×2', shapes: images, build: ([x]) => averagePool2d(x!, 2) },
  {
    name: 'averagePool2d 3×3, stride 1, padding 1',
    shapes: images,
    build: ([x]) => averagePool2d(x!, 3, { stride: 1, padding: 1 }),
  },
  {
    name: 'averagePool2d 3×3, stride 2',
    shapes: images,
    build: ([x]) => averagePool2d(x!, 3, { stride: 2 }),
  },
];
