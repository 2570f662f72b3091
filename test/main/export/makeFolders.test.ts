import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFileAtomically } from '../../../src/main/export/atomic.ts';
import { makeFolders, makeFoldersSync } from '../../../src/main/export/makeFolders.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-folders-test-'));
afterAll(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['waiting', makeFolders],
  [
    'at once',
    async (path: string, options?: { mode?: number }) => {
      makeFoldersSync(path, options);
      return undefined;
    },
  ],
])('folders made %s', (name, make) => {
  it('are made with those above them, in their own rights, and are no trouble where they are there', async () => {
    const first = join(folder, name);
    const path = join(first, 'b/c');
    const made = await make(path, { mode: 0o700 });
    if (name === 'waiting') expect(made).toBe(first);
    expect(statSync(path).isDirectory()).toBe(true);
    if (process.platform !== 'win32') expect(statSync(join(first, 'b')).mode & 0o777).toBe(0o700);
    expect(await make(path)).toBeUndefined();
    expect(await make('/')).toBeUndefined();
  });

  it('are made by several at the same time', async () => {
    const path = join(folder, name, 'x/y/z');
    await Promise.all(Array.from({ length: 8 }, () => make(path)));
    expect(existsSync(path)).toBe(true);
  });

  it('are refused where a file stands', async () => {
    const file = join(folder, `${name}.txt`);
    writeFileSync(file, '');
    await expect(make(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.skipIf(!existsSync('/proc/self'))('come to an end in a file system that has none of them', async () => {
    await expect(make('/proc/none/of/them')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(writeFileAtomically('/proc/none/of/them', '')).rejects.toMatchObject({
      code: 'write-failed',
      path: '/proc/none/of/them',
    });
  });
});

/** Calls of Node's own `mkdir` that ask for the folders above as well; comments are none. */
function recursiveCalls(source: string): number {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/\bmkdir(?:Sync)?\s*\([^;]*?\brecursive\b/g)].length;
}

describe('folders of the program', () => {
  it('are made by nothing else, for Node’s own way may never end', () => {
    expect(recursiveCalls('await mkdir(dirname(path), { recursive: true });')).toBe(1);
    expect(recursiveCalls('fs.mkdirSync(\n  path,\n  { mode: 1, recursive: true },\n);')).toBe(1);
    expect(recursiveCalls('await mkdir(path);\nawait rm(path, { recursive: true });')).toBe(0);
    expect(recursiveCalls('// mkdir(path, { recursive: true })\nmkdirSync(path);')).toBe(0);
    const source = resolve(import.meta.dirname, '../../../src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.tsx?$/.test(name),
    );
    expect(files.length).toBeGreaterThan(500);
    const found = files.filter((name) => recursiveCalls(readFileSync(join(source, name), 'utf8')) > 0);
    expect(found).toEqual([]);
  });
});
