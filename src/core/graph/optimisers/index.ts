export * from './adam.ts';
export * from './average.ts';
export { type Clipping, clipValue, globalNorm, normFactor } from './clipping.ts';
export * from './schedule.ts';
