import { defineConfig } from 'vitest/config';

/** The operator suite on WebGPU, one case after another in a process of its own. One case: -t "its name". */
export default defineConfig({
  test: {
    include: ['test/webgpu/**/*.webgpu.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
