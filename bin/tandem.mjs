#!/usr/bin/env node
// The command line: makes sure that the packages are installed, then hands over to the project's own Node.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root, runForeground } from '../scripts/project.mjs';

ensureInstalled();
const args = process.argv.slice(2);
if (args[0] === 'serve') ensureBuilt();

process.exit(await runForeground([join(root, 'src/main/shell/tandem.ts'), ...args]));
