import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The operator suite on WebGPU, in processes of their own (see caseRunner.ts). One case: -t "its name". */
export default defineConfig({
  test: {
    include: ['test/webgpu/**/*.webgpu.ts'],
    // One case a process: each software adapter is busy compiling, on one core.
    maxConcurrency: Math.min(4, availableParallelism()),
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
