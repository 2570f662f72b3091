import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/core/graph/safetensors.ts';
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

  it('trains, imports, runs and describes models in threads of their own, and tries devices', async () => {
    const workstation = bundledWorkstation();
    try {
      const study = join(folder, 'case');
      await workstation.call('phantom', { out: study, format: 'nifti', matrix: 48, slices: 2 });
      const model = join(folder, 'trained');
      const stages = new Set<string>();
      const options = { features: [4, 4] };
      const trained = await workstation.call(
        'train',
        {
          ...{ network: 'srcnn-guided', scale: 2, options, cases: [study], out: model },
          ...{ steps: 2, batch: 1, patch: 32, measure: [study] },
        },
        { onProgress: ({ stage }) => stages.add(stage) },
      );
      expect(trained).toMatchObject({ steps: 2, device: 'cpu', fallBacks: [] });
      expect([...stages]).toEqual(expect.arrayContaining(['training', 'evaluating']));

      const weights = join(model, 'weights.safetensors');
      const imported = join(folder, 'imported');
      const network = 'srcnn-guided';
      await workstation.call('modelsImport', { network, scale: 2, options, weights, out: imported });
      const { devices } = await workstation.call('modelsDescribe', { model: imported, rows: 32 });
      expect(devices.map(({ device }) => device)).toEqual(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']);

      const image = { shape: [1, 1, 32, 32], data: new Float32Array(32 * 32).fill(0.5) };
      const inputs = join(folder, 'inputs.safetensors');
      const named = ['input_zero_filled', 'input_ref'];
      writeFileSync(inputs, writeSafetensors(new Map(named.map((name) => [name, image]))));
      const [once, twice] = [model, imported].map((package_, n) =>
        workstation.call('modelsRun', { model: package_, inputs, out: join(folder, `out${n}.safetensors`) }),
      );
      expect((await once)!.outputs).toEqual((await twice)!.outputs);
      expect(readFileSync(join(folder, 'out0.safetensors'))).toEqual(
        readFileSync(join(folder, 'out1.safetensors')),
      );
      await expect(
        workstation.call('modelsRun', { model, inputs: weights, out: join(folder, 'no.safetensors') }),
      ).rejects.toMatchObject({ code: 'bad-tensor-file', path: weights });

      const { automatic, devices: found } = await workstation.call('devices', {});
      expect(found.find(({ device }) => device === automatic.device)).toMatchObject({ available: true });
      // It was tried: that its process cannot be started would be another reason.
      for (const { reason } of found) expect(reason).not.toMatch(/process ended|in time|Cannot find/);
    } finally {
      workstation.close();
    }
  });
});
