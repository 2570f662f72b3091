// What every entry point needs before anything else runs: the packages installed, the project's own Node,
// the window's pages built. Plain JavaScript without dependencies: it runs on whatever Node is there.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const windows = process.platform === 'win32';
export const nodeBinary = join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node');

/**
 * Installs exactly what package-lock.json says, unless node_modules is newer than it (npm writes its own copy
 * of the lock file there last). Output goes to stderr.
 */
export function ensureInstalled() {
  const modules = lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false });
  // npm ci would empty the folder behind the link, which is somebody else's.
  if (modules?.isSymbolicLink()) return;
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (
    existsSync(nodeBinary) &&
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(lock).mtimeMs
  )
    return;
  console.error('Installing packages (npm ci) …');
  const result = spawnSync(
    windows ? 'npm.cmd' : 'npm',
    // With the development packages even where NODE_ENV=production: the project's Node is one of them.
    ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: windows,
    },
  );
  if (result.status === 0 && existsSync(nodeBinary)) return;
  console.error(
    'failed: npm ci did not succeed. Check the network or the npm registry setting, then try again.',
  );
  process.exit(5);
}

/** Environment in which `node` is the project's own Node and package binaries are found. */
export function projectEnvironment(extra = {}) {
  const path = [dirname(nodeBinary), join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, ...extra, PATH: path };
}

/** Runs a script or package binary with the project's Node; returns its exit code. */
export function runNode(args, options = {}) {
  const result = spawnSync(nodeBinary, args, {
    cwd: root,
    stdio: 'inherit',
    env: projectEnvironment(options.env),
    ...(options.stdio ? { stdio: options.stdio } : {}),
  });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/**
 * Runs a program of the project in the foreground and resolves to its exit code: signals are passed on, and
 * the program ends with this process however that ends (the channel between them closes). 4 where it was
 * ended by a request to stop, 5 by another signal.
 */
export function runForeground(args) {
  const child = spawn(nodeBinary, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      const stopped = signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP';
      resolve(signal ? (stopped ? 4 : 5) : (code ?? 5));
    });
  });
}

/** Calls back when the parent of this process is gone (npm ends only the shell between itself and a script). */
export function whenOrphaned(callback) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    callback();
  }, 500);
  watch.unref();
}

function newestChange(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestChange(path) : statSync(path).mtimeMs);
  }
  return newest;
}

/** Builds the window (and Electron's main and preload) where out/ is absent or older than the sources. */
export function ensureBuilt({ force = false } = {}) {
  const built = join(root, 'out/renderer/index.html');
  const sources = Math.max(
    newestChange(join(root, 'src')),
    statSync(join(root, 'electron.vite.config.ts')).mtimeMs,
    statSync(join(root, 'package-lock.json')).mtimeMs,
  );
  if (!force && existsSync(built) && statSync(built).mtimeMs > sources) return;
  console.error('Building the window …');
  const code = runNode(['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'], {
    stdio: ['ignore', 2, 2],
  });
  if (code !== 0) {
    console.error('failed: the build did not succeed; its messages are above.');
    process.exit(5);
  }
}
