import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/**
 * The three builds of the desktop application. `out/renderer` is also what the browser shell serves.
 * Worker threads and child processes are entries of their own: `workerUrl` finds them by these names.
 */
const mainEntries = {
  index: 'src/main/index.ts',
  hostProcess: 'src/main/host/hostProcess.ts',
  sliceWorker: 'src/main/superres/sliceWorker.ts',
  segmentWorker: 'src/main/segmentation/run/segmentWorker.ts',
  tryModelWorker: 'src/main/segmentation/run/tryModelWorker.ts',
  trainWorker: 'src/main/training/trainWorker.ts',
  trainSegmentationWorker: 'src/main/segmentation/training/trainSegmentationWorker.ts',
  parallelWorker: 'src/main/training/parallelWorker.ts',
  describeWorker: 'src/main/models/describeWorker.ts',
  modelsRunWorker: 'src/main/models/modelsRunWorker.ts',
  registrationWorker: 'src/main/registration/registrationWorker.ts',
  placementWorker: 'src/main/runtime/placementWorker.ts',
  deviceProbe: 'src/main/runtime/deviceProbe.ts',
};

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // Flat: what is found relative to a module (models, workers) lies the same way from every chunk.
      rollupOptions: { input: mainEntries, output: { chunkFileNames: '[name]-[hash].js' } },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload script must be CommonJS, in one file.
      rollupOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    // vtk.js and cornerstone reach for Node's `events` and `url`: the npm packages of those names stand in.
    resolve: { alias: { events: 'events/', url: 'url/' } },
    plugins: [react()],
    worker: { format: 'es' },
    build: {
      outDir: 'out/renderer',
      emptyOutDir: true,
      target: 'chrome140',
      // Nothing inline: the content security policy forbids it.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 6000,
      rollupOptions: { input: 'src/renderer/index.html' },
    },
  },
});
