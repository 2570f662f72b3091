import { defineConfig } from 'vitest/config';

/** The pictures of the documentation, taken of the window as it is: npm run screenshots. */
export default defineConfig({
  test: {
    include: ['test/screenshots/**/*.shots.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    // One window at a time: they share the machine.
    fileParallelism: false,
  },
});
