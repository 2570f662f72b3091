// The project's tasks: node scripts/run.mjs start|test|test:unit|test:webgpu|test:e2e|screenshots|check|build|bench|format [arguments]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureBuilt,
  ensureInstalled,
  nodeBinary,
  projectEnvironment,
  root,
  runForeground,
  runNode,
  whenOrphaned,
} from './project.mjs';
import { ensureTestTools } from './tools.mjs';

const [task = '', ...rest] = process.argv.slice(2);

const bin = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
};

/** An Electron that ends with an error sooner than this lacks something of the system's (a library, a display). */
const ELECTRON_STARTS_WITHIN_MS = 10_000;

/** Runs steps in order until one fails; its exit code ends the process. */
function inOrder(steps) {
  for (const [label, args] of steps) {
    console.error(`\n— ${label}`);
    const code = runNode(args);
    if (code !== 0) {
      console.error(`failed: ${label}`);
      process.exit(code);
    }
  }
}

const unitTests = ['unit and integration tests', [bin.vitest, 'run', ...rest]];
const webgpuTests = [
  'operators on WebGPU',
  [bin.vitest, 'run', '--config', 'vitest.webgpu.config.ts', ...rest],
];
const endToEndTests = [
  'end-to-end tests in Chromium',
  [bin.vitest, 'run', '--config', 'vitest.e2e.config.ts', ...rest],
];

const tasks = {
  async start() {
    ensureBuilt();
    const electron = findElectron();
    let why = electron.why;
    if (electron.binary) {
      const started = Date.now();
      const { status, signal } = spawnSync(electron.binary, [root, ...rest], { stdio: 'inherit' });
      if (status === 0 || Date.now() - started > ELECTRON_STARTS_WITHIN_MS) process.exit(status ?? 1);
      why = `it did not start (${signal ?? `exit code ${status}`}; its message is above).`;
    }
    console.error(`Electron: ${why} Serving the same workstation to a browser instead.`);
    if (process.env.npm_lifecycle_event) whenOrphaned(() => process.kill(process.pid, 'SIGTERM'));
    process.exit(await runForeground([join(root, 'src/main/shell/tandem.ts'), 'serve', ...rest]));
  },
  test() {
    ensureTestTools();
    ensureBuilt();
    inOrder([unitTests, webgpuTests, endToEndTests]);
  },
  'test:unit'() {
    inOrder([unitTests]);
  },
  'test:webgpu'() {
    inOrder([webgpuTests]);
  },
  'test:e2e'() {
    ensureTestTools();
    ensureBuilt();
    inOrder([endToEndTests]);
  },
  screenshots() {
    ensureTestTools();
    ensureBuilt();
    inOrder([
      [
        'screenshots into docs/images',
        [bin.vitest, 'run', '--config', 'vitest.screenshots.config.ts', ...rest],
      ],
    ]);
  },
  check() {
    inOrder([
      ['types', [bin.tsc, '--noEmit']],
      ['lint and format', [bin.biome, 'ci', '--error-on-warnings', '.']],
      ['layer rule', ['scripts/checkLayers.ts']],
      ['words and colours of the window', ['scripts/checkWindow.ts']],
    ]);
    console.error('\ncheck: all passed');
  },
  build() {
    ensureBuilt({ force: true });
    if (rest.includes('--package'))
      inOrder([['package', ['node_modules/electron-builder/cli.js', '--publish', 'never']]]);
  },
  bench() {
    process.exit(runNode(['test/bench/run.ts', ...rest]));
  },
  format() {
    inOrder([['lint and format', [bin.biome, 'check', '--write', '.']]]);
  },
};

/** Electron's binary, fetched where that is possible; else why there is none. */
function findElectron() {
  if (process.env.TANDEM_SHELL === 'browser') return { why: 'TANDEM_SHELL=browser is set.' };
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { why: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set).' };
  }
  const folder = join(root, 'node_modules/electron');
  const locate = () => {
    const pathFile = join(folder, 'path.txt');
    const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : '';
    const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
    const binary = override ? join(override, name || 'electron') : join(folder, 'dist', name);
    return (override || name) && existsSync(binary) ? binary : undefined;
  };
  if (!locate()) {
    console.error('Fetching Electron …');
    spawnSync(nodeBinary, [join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: projectEnvironment(),
      timeout: 180_000,
    });
  }
  const binary = locate();
  return binary ? { binary } : { why: 'its binary is not here and could not be fetched.' };
}

const run = tasks[task];
if (!run) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(tasks).join('|')} [arguments]`);
  console.error('One test by its name: node scripts/run.mjs test:webgpu -t "conv2d with stride"');
  process.exit(2);
}
ensureInstalled();
await run();
