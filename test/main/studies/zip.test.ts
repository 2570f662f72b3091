import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { withFile } from '../../../src/main/studies/dicomFile.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { readZipDirectory, safePath } from '../../../src/main/studies/zip.ts';
import { dicomFile, mrSeries } from '../../helpers/dicomBuilder.ts';
import { findTool } from '../../helpers/tools.ts';
import { type ZipFile, zipOf } from '../../helpers/zipBuilder.ts';
import { folderOf } from './helpers.ts';

const slices: ZipFile[] = mrSeries([0, 2, 4]).map((slice, n) => ({
  name: `study/IM${n}`,
  bytes: dicomFile(slice),
}));

const python = findTool('python3');

interface ChildAnswer {
  readonly code?: string;
  readonly message?: string;
  /** What is left of the temporary folder when the process has ended. */
  readonly left: readonly string[];
}

/** Reads a path in a process of its own with a temporary folder of its own. @param before a shell command */
function inChild(path: string, before: string, end?: NodeJS.Signals, temporary?: string): ChildAnswer {
  const folder = temporary ?? mkdtempSync(join(tmpdir(), 'tandem-zip-test-'));
  mkdirSync(folder, { recursive: true });
  const scan = new URL('../../../src/main/studies/scan.ts', import.meta.url).href;
  const program = `
    const { scanPaths } = await import(${JSON.stringify(scan)});
    const job = { signal: new AbortController().signal, progress() {} };
    const answer = await scanPaths([${JSON.stringify(path)}], job).then(() => ({}), ({ code, message }) => ({ code, message }));
    process.stdout.write(JSON.stringify(answer));
    ${end === undefined ? '' : `process.kill(process.pid, '${end}')`}`;
  const shell = `${before} && exec "$0" --input-type=module -e "$1"`;
  const { stdout } = spawnSync('bash', ['-c', shell, process.execPath, program], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
  });
  const left = readdirSync(folder).filter((name) => name.startsWith('tandem-zip-'));
  if (temporary === undefined) rmSync(folder, { recursive: true, force: true });
  return { ...(JSON.parse(stdout) as object), left };
}

describe('ZIP archives', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await folderOf({});
  });
  afterEach(() => rm(folder, { recursive: true }));

  const archive = async (files: readonly ZipFile[], name = 'study.zip'): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, zipOf(files));
    return path;
  };
  const scan = async (path: string) => scanPaths([path], QUIET_JOB);
  const codes = async (bad: ZipFile) => {
    const { studies, refused } = await scan(await archive([...slices, bad]));
    expect(studies[0]!.series[0]!.summary.size).toEqual([4, 3, 3]);
    return refused.map(({ code, message }) => `${code}: ${message}`);
  };

  it('are read like the folder that they hold, by themselves or found in a folder', async () => {
    const path = await archive(slices);
    for (const root of [path, folder]) {
      const { studies, refused } = await scan(root);
      expect(refused).toEqual([]);
      const [entry] = studies[0]!.series;
      expect(entry!.summary).toMatchObject({ size: [4, 3, 3], path: `${path} › study` });
      const { stack } = await loadSeries(entry!, QUIET_JOB);
      expect([...stack.slices[1]!.pixels]).toEqual(Array.from({ length: 12 }, (_, n) => n));
    }
  });

  it('are unpacked to a folder that only their owner can read, once', async () => {
    const path = await archive(slices);
    const unpacked = async () => dirname(dirname((await scan(path)).studies[0]!.series[0]!.files[0]!));
    const first = await unpacked();
    expect((await stat(first)).mode & 0o777).toBe(0o700);
    expect(await unpacked()).toBe(first);
    expect(basename(first)).toContain(String(process.pid));
  });

  it('put no file outside that folder', async () => {
    const bytes = slices[0]!.bytes;
    for (const name of ['../evil.dcm', '/evil.dcm', 'a/../../evil.dcm', 'C:\\evil.dcm', '..\\evil.dcm']) {
      expect(safePath(name), name).toBeUndefined();
      expect(await codes({ name, bytes })).toEqual([expect.stringMatching(/^bad-header: .*leads out of it/)]);
    }
    expect(existsSync(join(folder, 'evil.dcm'))).toBe(false);
    expect((await readdir(folder)).sort()).toEqual(['study.zip']);
  });

  it('that lie about sizes, checksums or links are refused entry by entry', async () => {
    const bytes = slices[0]!.bytes;
    const other = (claims: ZipFile['claims']): ZipFile => ({
      name: 'other.dcm',
      bytes,
      ...(claims && { claims }),
    });
    expect(await codes(other({ bytes: 10 }))).toEqual([expect.stringMatching(/longer than it says/)]);
    expect(await codes(other({ bytes: 1e6 }))).toEqual([expect.stringMatching(/shorter than it says/)]);
    expect(await codes(other({ crc: 1 }))).toEqual([expect.stringMatching(/checksum/)]);
    expect(await codes(other({ flags: 1 }))).toEqual([
      expect.stringMatching(/^unsupported-format: .*encrypted/),
    ]);
    expect(await codes(other({ mode: 0o120777 }))).toEqual([
      expect.stringMatching(/^unsupported-format: Links/),
    ]);
    expect(await codes({ name: 'inner.zip', bytes: zipOf(slices) })).toEqual([
      expect.stringMatching(/Archives within archives/),
    ]);
  });

  it('that unpack to hundreds of times their size are refused, and nothing of them stays', async () => {
    const bomb = await archive([{ name: 'bomb.dcm', bytes: new Uint8Array(80 * 2 ** 20) }]);
    await expect(scan(bomb)).rejects.toMatchObject({ code: 'too-large', path: bomb });
  });

  it('are read with sizes, offsets and numbers of 64 bits', async () => {
    const path = join(folder, 'large.zip');
    await writeFile(path, zipOf(slices, { zip64: true }));
    const { studies, refused } = await scan(path);
    expect(refused).toEqual([]);
    expect(studies[0]!.series[0]!.summary.size).toEqual([4, 3, 3]);
  });

  it.each([
    true,
    false,
  ])('list more than 65 535 entries, or say that they do not (zip64: %s)', async (zip64) => {
    const files = Array.from({ length: 70_000 }, (_, n) => ({
      name: `IM${n}`,
      bytes: Uint8Array.of(n, n >> 8),
    }));
    const path = join(folder, 'many.zip');
    await writeFile(path, zipOf(files, { zip64 }));
    const listed = withFile(path, readZipDirectory);
    if (zip64) expect((await listed).map(({ name }) => name)).toEqual(files.map(({ name }) => name));
    else await expect(listed).rejects.toMatchObject({ code: 'bad-header' });
  });

  it.skipIf(python === undefined)(
    'of another writer are read: Python’s, with zip64 and data descriptors',
    async () => {
      const path = join(folder, 'python.zip');
      const program = `
import sys, zipfile
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(sys.argv[1], 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as archive:
    for path in sys.argv[2:]:
        with archive.open('study/' + path[-1], 'w', force_zip64=True) as entry: entry.write(open(path, 'rb').read())
`;
      const paths = slices.map((_, n) => join(folder, `IM${n}`));
      for (const [n, { bytes }] of slices.entries()) await writeFile(paths[n]!, bytes);
      expect(spawnSync(python!, ['-c', program, path, ...paths]).status).toBe(0);
      expect((await scan(path)).studies[0]!.series[0]!.summary.size).toEqual([4, 3, 3]);
    },
  );

  it('name files as the archive has them, when indexed, when loaded and when they are all there is', async () => {
    const cut = slices[0]!.bytes.subarray(0, 300);
    const path = await archive([...slices, { name: 'other/cut.dcm', bytes: cut }]);
    const { studies, refused } = await scan(path);
    expect(refused).toMatchObject([{ path: `${path} › other/cut.dcm`, code: 'truncated' }]);
    const [entry] = studies[0]!.series;
    await truncate(entry!.files[1]!, 400);
    await expect(loadSeries(entry!, QUIET_JOB)).rejects.toMatchObject({ path: `${path} › study/IM1` });
    const alone = await archive([{ name: 'cut.dcm', bytes: cut }], 'alone.zip');
    await expect(scan(alone)).rejects.toMatchObject({ code: 'truncated', path: `${alone} › cut.dcm` });
  });

  it('refuse entries that share their bytes with others, and directories that hold more than they say', async () => {
    const bytes = Buffer.from(zipOf([...slices, { name: 'last', bytes: slices[0]!.bytes }]));
    const directory = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const second = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), directory + 1);
    const shared = Buffer.from(bytes);
    shared.writeUInt32LE(bytes.readUInt32LE(second + 42), directory + 42);
    const path = join(folder, 'shared.zip');
    await writeFile(path, shared);
    const { refused } = await scan(path);
    expect(refused).toMatchObject([{ code: 'bad-header', message: expect.stringMatching(/begins within/) }]);
    const fewer = Buffer.from(bytes);
    fewer.writeUInt16LE(2, fewer.length - 12);
    await writeFile(path, fewer);
    await expect(scan(path)).rejects.toMatchObject({ code: 'bad-header', path });
  });

  it('that the disk has no room for are told apart from those that cannot be read', {
    timeout: 120_000,
  }, async () => {
    const path = await archive([{ name: 'IM0', bytes: randomBytes(4 * 2 ** 20) }]);
    const { code, message, left } = inChild(path, `ulimit -f 1024`);
    expect([code, message]).toEqual(['write-failed', expect.stringContaining('no room')]);
    expect(left).toEqual([]);
  });

  it('leave nothing behind: at the end of a process, and after one that was killed', {
    timeout: 120_000,
  }, async () => {
    const path = await archive(slices);
    expect(inChild(path, ':').left).toEqual([]);
    const temporary = join(folder, 'tmp');
    const killed = inChild(path, ':', 'SIGKILL', temporary);
    expect(killed.left).toHaveLength(1);
    // The next process removes it before it reads anything, an archive or not.
    const plain = join(folder, 'plain.dcm');
    await writeFile(plain, slices[0]!.bytes);
    expect(inChild(plain, ':', undefined, temporary).left).toEqual([]);
  });

  it('leave nothing behind a command, whose compute host is killed', { timeout: 120_000 }, async () => {
    const path = await archive(slices);
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const tandem = fileURLToPath(new URL('../../../src/main/shell/tandem.ts', import.meta.url));
    const { stdout, status } = spawnSync(process.execPath, [tandem, 'list', path, '--json'], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary },
    });
    expect([status, JSON.parse(stdout).studies.length]).toEqual([0, 1]);
    expect(readdirSync(temporary).filter((name) => name.startsWith('tandem-zip-'))).toEqual([]);
  });

  it('that break off are truncated', async () => {
    const path = join(folder, 'cut.zip');
    await writeFile(path, zipOf(slices).subarray(0, 700));
    await expect(scan(path)).rejects.toMatchObject({ code: 'truncated', path });
  });
});
