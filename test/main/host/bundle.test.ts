import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HostWorkstation } from '../../../src/main/host/hostWorkstation.ts';
import type { FromHost } from '../../../src/main/host/protocol.ts';

const bundle = resolve(import.meta.dirname, '../../../out/main/hostProcess.js');
const folder = mkdtempSync(join(tmpdir(), 'tandem-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Electron's package runs: the bundled host with its bundled workers, here under plain Node. */
function bundledWorkstation(): HostWorkstation {
  return new HostWorkstation(() => {
    const child = fork(bundle, { serialization: 'advanced', execArgv: [] });
    return {
      send: (message) => child.send(message),
      onMessage: (listener) => child.on('message', (message) => listener(message as FromHost)),
      onExit: (listener) => child.on('exit', (code) => listener(`exit code ${code}`)),
      kill: () => child.kill('SIGKILL'),
    };
  });
}

describe.skipIf(!existsSync(bundle))('the bundled compute host [needs npm run build]', () => {
  it('finds its models, its registration and slice workers, and writes a series', async () => {
    const workstation = bundledWorkstation();
    try {
      const { models, refused } = await workstation.call('models', {});
      expect(refused).toEqual([]);
      expect(models.map((model) => model.id)).toContain('srcnn-guided-x2');

      const study = join(folder, 'study');
      await workstation.call('phantom', { out: study, matrix: 64, slices: 8 });
      const result = await workstation.call('enhance', {
        target: { paths: [study], series: '1' },
        reference: { paths: [study], series: '2' },
        scale: 2,
        model: 'srcnn-guided-x2',
        device: 'cpu',
        out: join(folder, 'enhanced'),
      });
      expect(result.registration.verdict).toBe('trusted');
      expect(result.output.files).toHaveLength(8);
      expect(result.output.size).toEqual([128, 128, 8]);
    } finally {
      workstation.close();
    }
  });
});
