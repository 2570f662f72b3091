#!/usr/bin/env node
// The command line: makes sure that the packages are installed, then hands over to the project's own Node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, nodeBinary, root } from '../scripts/project.mjs';

ensureInstalled();
const args = process.argv.slice(2);
if (args[0] === 'serve') ensureBuilt();

const child = spawn(nodeBinary, [join(root, 'src/main/shell/tandem.ts'), ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
