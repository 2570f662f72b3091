import { existsSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/**
 * The three builds of the desktop application. `out/renderer` is also what the browser shell serves.
 * An entry is built once its file exists: name → source.
 */
const mainEntries: Record<string, string> = {
  index: 'src/main/index.ts',
  hostProcess: 'src/main/host/hostProcess.ts',
};
const preloadEntries: Record<string, string> = {
  index: 'src/preload/index.ts',
};

function existing(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
}

const main = existing(mainEntries);
const preload = existing(preloadEntries);

export default defineConfig({
  ...(Object.keys(main).length === 0
    ? {}
    : { main: { build: { outDir: 'out/main', rollupOptions: { input: main } } } }),
  ...(Object.keys(preload).length === 0
    ? {}
    : {
        preload: {
          build: {
            outDir: 'out/preload',
            // A sandboxed preload script must be CommonJS.
            rollupOptions: { input: preload, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
          },
        },
      }),
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
