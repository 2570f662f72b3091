import { defineConfig } from 'vitest/config';

/** The end-to-end tests: a real browser on the browser shell. One file at a time: they share the machine. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    testTimeout: 300_000,
    // One second, the default, is short for a machine that draws in software.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
    // A browser on a busy machine now and then answers late: once more, and the report names what was tried twice.
    retry: 1,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
