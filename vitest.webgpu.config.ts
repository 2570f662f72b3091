import { defineConfig } from 'vitest/config';

/** The operator suite on WebGPU, in processes of their own (see caseRunner.ts). One case: -t "its name". */
export default defineConfig({
  test: {
    include: ['test/webgpu/**/*.webgpu.ts'],
    maxConcurrency: 4,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
