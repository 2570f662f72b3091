import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/core/graph/safetensors.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'tandem-process-'));
const head = join(folder, 'head');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `tandem` as a user starts it, and how it ends; `serve` without the build that comes before it. */
function start(...argv: string[]): { child: ChildProcess; ended: Promise<Ended>; said: () => string } {
  const entry = argv[0] === 'serve' ? 'src/main/shell/tandem.ts' : 'bin/tandem.mjs';
  const child = spawn(process.execPath, [join(root, entry), ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, stdout, stderr })));
  return { child, ended, said: () => stdout + stderr };
}

async function until(holds: () => boolean, timeoutMs = 15_000): Promise<void> {
  for (let waited = 0; waited < timeoutMs; waited += 25) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`it did not happen within ${timeoutMs / 1000} s`);
}

/** Process ids of what a process started, and of what those started. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const found = [pid];
  for (const one of found) {
    for (const [child, parent] of parents) if (parent === one) found.push(child);
  }
  return found.slice(1);
}

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

const training = (out: string) => [
  ...['train', '--network', 'srcnn-guided', '--scale', '2', '--case', head, '--steps', '100000'],
  ...['--batch', '1', '--patch', '32', '--options', '{"features":[4,4]}', '--out', out, '--json'],
];

const importing = [
  'models',
  'import',
  '--network',
  'srcnn',
  '--scale',
  '2',
  '--out',
  join(folder, 'imported'),
];
/** A device that onnxruntime has for no machine like this one. */
const absent = process.platform === 'win32' ? 'coreml' : 'dml';

beforeAll(async () => {
  const phantom = ['phantom', '--out', head, '--format', 'nifti', '--matrix', '64', '--slices', '4'];
  expect(await start(...phantom).ended).toMatchObject({ code: 0 });
});

describe('the command `tandem`', () => {
  it('prints one JSON document and nothing else on stdout, progress on stderr', async () => {
    const [input, out] = [join(head, 't2.nii.gz'), join(folder, 'coarse.nii.gz')];
    const { code, stdout, stderr } = await start(
      ...['degrade', '--input', input, '--scale', '2', '--out', out, '--json'],
    ).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ path: out, size: [32, 32, 4] });
    expect(stderr).toMatch(/^degrading \d/m);
  });

  it.each([
    ['usage', 2, ['list', '--nonsense', '--json']],
    ['usage', 2, ['models', 'surplus', '--json']],
    ['usage', 2, ['phantom', '--out', join(folder, 'x'), '--matrix', '3', '--json']],
    ['usage', 2, ['serve', '--port', '99999', '--json']],
    ['not-found', 3, ['list', join(folder, 'nowhere'), '--json']],
    ['usage', 2, ['models', 'describe', '--network', 'sanet', '--json']],
    ['usage', 2, ['models', 'run', 'srcnn-x2', '--inputs', 'i', '--out', 'o', '--device', 'gpu', '--json']],
    ['bad-model', 3, ['models', 'describe', '--network', 'nonsense', '--json']],
    [
      'bad-model',
      3,
      ['models', 'describe', '--network', 'srcnn', '--options', '{"scale":2,"x":1}', '--json'],
    ],
    ['model-not-found', 3, ['models', 'run', 'nonsense', '--inputs', 'i', '--out', 'o', '--json']],
    ['not-found', 3, [...importing, '--weights', join(folder, 'nowhere'), '--json']],
    ['bad-model', 3, [...importing, '--weights', import.meta.filename, '--json']],
    [
      'device-unavailable',
      5,
      ['models', 'run', 'srcnn-x2', '--inputs', 'i', '--out', 'o', '--device', absent, '--json'],
    ],
  ])('ends with %s as exit code %i, one line on stderr and one JSON document', async (name, exit, argv) => {
    const { code, stdout, stderr } = await start(...argv).ended;
    expect(code).toBe(exit);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: name } });
    // Progress may come before it.
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => !/^reading \d/.test(line)),
    ).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });

  it.skipIf(process.platform !== 'linux')(
    'is cancelled by Ctrl-C within a second or so, leaves no process and a checkpoint to go on from [needs Linux]',
    async () => {
      const out = join(folder, 'stopped');
      const { child, ended, said } = start(...training(out));
      await until(() => /training \d/.test(said()));
      const processes = descendants(child.pid!);
      expect(processes.length).toBeGreaterThanOrEqual(2);
      const before = performance.now();
      child.kill('SIGINT');
      const { code, stdout } = await ended;
      expect(code).toBe(4);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'cancelled' } });
      expect(performance.now() - before).toBeLessThan(2000);
      await until(() => !processes.some(isAlive));

      const again = start(...training(out), '--resume');
      await until(() => /training \d/.test(again.said()));
      again.child.kill('SIGINT');
      expect((await again.ended).code).toBe(4);
    },
  );

  it('waits on Ctrl-C for a training step that takes longer than a second, and saves it', {
    timeout: 90_000,
  }, async () => {
    const out = join(folder, 'slow');
    const { child, ended, said } = start(
      ...['train', '--network', 'srcnn-guided', '--scale', '2', '--case', head, '--steps', '1000'],
      ...['--batch', '24', '--patch', '192', '--out', out, '--json'],
    );
    await until(() => /training \d/.test(said()), 60_000);
    const before = performance.now();
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(4);
    expect(performance.now() - before, 'the step in hand was waited for').toBeGreaterThan(1000);
    expect(stderr).toMatch(/stopping 0: the step in hand is finished/);
    const { metadata } = readSafetensors(readFileSync(join(out, 'checkpoint.safetensors')));
    expect(JSON.parse(metadata.get('training')!).step).toBeGreaterThanOrEqual(1);
  });

  it.skipIf(process.platform !== 'linux')(
    'takes the command and its compute host with it when it is killed [needs Linux]',
    async () => {
      const { child, ended, said } = start(...training(join(folder, 'killed')));
      await until(() => /training \d/.test(said()));
      const processes = descendants(child.pid!);
      expect(processes.length).toBeGreaterThanOrEqual(2);
      child.kill('SIGKILL');
      await ended;
      await until(() => !processes.some(isAlive));
    },
  );

  it.skipIf(!existsSync(join(root, 'out/renderer/index.html')))(
    'serves the window until it is asked to stop, once or twice [needs npm run build]',
    async () => {
      const { child, ended } = start('serve', '--no-open', '--json');
      let stdout = '';
      child.stdout?.on('data', (chunk) => {
        stdout += String(chunk);
      });
      await until(() => stdout.trim().endsWith('}'));
      const { url } = JSON.parse(stdout) as { url: string };
      expect((await fetch(url)).status).toBe(200);
      child.kill('SIGINT');
      child.kill('SIGINT');
      expect((await ended).code).toBe(0);
      await expect(fetch(url)).rejects.toThrow();
    },
  );
});
