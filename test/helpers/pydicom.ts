import { spawnSync } from 'node:child_process';
import { findTool } from './tools.ts';

const interpreter = ['/usr/bin/python3', findTool('python3')].find(
  (path) =>
    path !== undefined && spawnSync(path, ['-c', 'import pydicom, numpy'], { stdio: 'ignore' }).status === 0,
);

/** Whether a Python with pydicom is here: a judge, not a dependency. */
export const hasPydicom = interpreter !== undefined;

/** Runs a Python program that has pydicom as `pydicom`, and gives the JSON that it prints. */
export function pydicomSays<T>(program: string, ...args: readonly string[]): T {
  const source = `import json, sys, pydicom, numpy as np\n${program}`;
  const { stdout, stderr, status } = spawnSync(interpreter!, ['-c', source, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}
