import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkOutputFolder,
  writeFileAtomically,
  writeFolderAtomically,
} from '../../../src/main/export/atomic.ts';
import { partialSibling, sweepLeftovers } from '../../../src/main/export/leftovers.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-atomic-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const three = async (folder: string) => {
  await mkdir(join(folder, 'inner'));
  for (const name of ['a', 'b', 'inner/c']) await writeFile(join(folder, name), name);
};
const errno = (code: string, path?: string) =>
  Object.assign(new Error(code), { code, path, syscall: 'write' });

describe('writeFileAtomically', () => {
  it('writes and replaces, making folders, leaving nothing else behind', async () => {
    const path = join(root, 'x', 'y', 'file.bin');
    await writeFileAtomically(path, new Uint8Array([1, 2]));
    await writeFileAtomically(path, 'abc');
    expect(await readFile(path, 'utf8')).toBe('abc');
    expect(await readdir(join(root, 'x', 'y'))).toEqual(['file.bin']);
  });

  it('keeps the old file and removes the temporary one when it cannot finish', async () => {
    const path = join(root, 'taken');
    await mkdir(join(path, 'inside'), { recursive: true });
    await expect(writeFileAtomically(path, 'abc')).rejects.toMatchObject({ code: 'write-failed', path });
    expect(await readdir(root)).toEqual(['taken']);
  });
});

describe('writeFolderAtomically', () => {
  it.each([
    'absent',
    'empty',
    'behind a link',
    'below folders that are missing',
  ])('fills a folder that is %s', async (kind) => {
    const out = kind.startsWith('below') ? join(root, 'p', 'q', 'out') : join(root, 'out');
    if (kind === 'empty') await mkdir(out);
    if (kind === 'behind a link') {
      await mkdir(join(root, 'real'));
      await symlink(join(root, 'real'), out);
    }
    await writeFolderAtomically(out, three);
    expect((await readdir(out)).sort()).toEqual(['a', 'b', 'inner']);
    expect((await readdir(root)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('refuses a folder that holds something, and a file, before writing', async () => {
    await mkdir(join(root, 'full'));
    await writeFile(join(root, 'full', 'x'), '');
    for (const out of [join(root, 'full'), join(root, 'full', 'x')]) {
      let called = false;
      const attempt = writeFolderAtomically(out, async () => {
        called = true;
      });
      await expect(attempt).rejects.toMatchObject({ code: 'output-exists', path: out });
      await expect(checkOutputFolder(out)).rejects.toMatchObject({ code: 'output-exists' });
      expect(called).toBe(false);
    }
  });

  it('refuses when something else fills the folder meanwhile', async () => {
    const out = join(root, 'out');
    const attempt = writeFolderAtomically(out, async (temporary) => {
      await three(temporary);
      await mkdir(out);
      await writeFile(join(out, 'other'), '');
    });
    await expect(attempt).rejects.toMatchObject({ code: 'output-exists' });
    expect(await readdir(out)).toEqual(['other']);
  });

  it.each([
    ['ENOSPC', 'write-failed'],
    ['EDQUOT', 'write-failed'],
    ['EIO', 'write-failed'],
    ['EROFS', 'no-permission'],
  ])('on %s midway: %s about the folder asked for, everything removed', async (code, expected) => {
    const out = join(root, 'deep', 'er', 'out');
    const attempt = writeFolderAtomically(out, async (temporary) => {
      await three(temporary);
      throw errno(code);
    });
    await expect(attempt).rejects.toMatchObject({ code: expected, path: out });
    expect(await readdir(root)).toEqual([]);
  });

  it('passes on an error that is not about writing', async () => {
    const source = errno('EACCES', '/elsewhere/source.dcm');
    await expect(writeFolderAtomically(join(root, 'out'), () => Promise.reject(source))).rejects.toBe(source);
  });

  it('writes nothing when cancelled just before the rename', async () => {
    const stop = new AbortController();
    const attempt = writeFolderAtomically(
      join(root, 'out'),
      async (temporary) => {
        await three(temporary);
        stop.abort();
      },
      { signal: stop.signal },
    );
    await expect(attempt).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(root)).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'says no-permission for a folder without rights (not as root)',
    async () => {
      await mkdir(join(root, 'closed'));
      await chmod(join(root, 'closed'), 0o500);
      const attempt = writeFolderAtomically(join(root, 'closed', 'out'), three);
      await expect(attempt).rejects.toMatchObject({ code: 'no-permission' });
      await chmod(join(root, 'closed'), 0o700);
    },
  );
});

describe.skipIf(process.platform === 'win32')('checkOutputFolder', () => {
  /** Asked by someone without rights: root may write everywhere. */
  const asNobody = (path: string): string => {
    const module = join(import.meta.dirname, '../../../src/main/export/atomic.ts');
    const script = `const { checkOutputFolder } = await import(process.argv[1]);
      await checkOutputFolder(process.argv[2]).then(() => console.log('fine'), (e) => console.log(e.code, e.path));`;
    const uid = process.getuid?.() === 0 ? 65534 : undefined;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script, module, path], { uid });
    return run.stdout.toString().trim();
  };

  it('says no-permission before the work begins: the folder, or the one that it would be made in', async () => {
    await chmod(root, 0o777);
    await mkdir(join(root, 'closed'));
    await chmod(join(root, 'closed'), 0o555);
    expect(asNobody(join(root, 'out'))).toBe('fine');
    expect(asNobody(join(root, 'a', 'b', 'out'))).toBe('fine');
    expect(asNobody(join(root, 'closed'))).toBe(`no-permission ${join(root, 'closed')}`);
    const below = join(root, 'closed', 'a', 'out');
    expect(asNobody(below)).toBe(`no-permission ${below}`);
    await mkdir(join(root, 'inner'));
    await mkdir(join(root, 'inner', 'empty'));
    await chmod(join(root, 'inner', 'empty'), 0o777);
    await chmod(join(root, 'inner'), 0o555);
    expect(asNobody(join(root, 'inner', 'empty'))).toBe(`no-permission ${join(root, 'inner', 'empty')}`);
    await chmod(join(root, 'inner'), 0o755);
    await chmod(join(root, 'closed'), 0o755);
  });
});

describe('sweepLeftovers', () => {
  it('removes what a dead process left, and nothing else', async () => {
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' });
    const mine = partialSibling(join(root, 'out'));
    const named = (pid: string) => mine.replace(`-${process.pid}-`, `-${pid}-`);
    const leftover = named(dead.stdout.trim());
    const otherMachine = leftover.replace(/partial-[0-9a-f]{8}/, 'partial-00000000');
    const alive = named(String(process.ppid));
    const lookalike = join(root, '.notes.partial-draft');
    for (const folder of [mine, leftover, otherMachine, alive, lookalike]) {
      await mkdir(folder);
      await writeFile(join(folder, 'f'), '');
    }
    expect(await sweepLeftovers(root)).toEqual([leftover]);
    expect((await readdir(root)).length).toBe(4);
  });

  it('leaves a whole folder or nothing when killed at 20 random moments, and sweeps the rest', async () => {
    const script = join(root, 'writer.mjs');
    const atomic = join(import.meta.dirname, '../../../src/main/export/atomic.ts');
    await writeFile(
      script,
      `import { writeFile } from 'node:fs/promises';
       import { writeFolderAtomically } from ${JSON.stringify(atomic)};
       process.send('ready');
       process.on('message', async (out) => {
         await writeFolderAtomically(out, async (folder) => {
           for (let n = 0; n < 40; n++) await writeFile(folder + '/' + n, Buffer.alloc(20000, n));
         });
         process.send('done');
       });`,
    );
    const targets = join(root, 'targets');
    await mkdir(targets);
    let whole = 0;
    for (let n = 0; n < 20; n++) {
      const out = join(targets, `out${n}`);
      const child = fork(script, { stdio: 'ignore' });
      await once(child, 'message');
      const ended = once(child, 'exit');
      child.send(out);
      await new Promise((done) => setTimeout(done, (n * 37) % 60));
      child.kill('SIGKILL');
      await ended;
      const files = await readdir(out).catch(() => undefined);
      expect(files === undefined || files.length === 40).toBe(true);
      if (files !== undefined) whole++;
    }
    expect(whole).toBeLessThan(20);
    await writeFolderAtomically(join(targets, 'last'), three);
    expect((await readdir(targets)).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 30_000);

  it('never throws', async () => {
    expect(await sweepLeftovers(join(root, 'absent'))).toEqual([]);
  });
});
