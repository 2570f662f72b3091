import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/core/job.ts';
import { HostWorkstation } from '../../../src/main/host/hostWorkstation.ts';
import { startNodeHost } from '../../../src/main/host/nodeHost.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-responsive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Times how long the host takes to answer something small, again and again, while `job` is at its `stage`. */
async function latenciesDuring(
  workstation: HostWorkstation,
  stage: string,
  job: (onProgress: (progress: Progress) => void) => Promise<unknown>,
): Promise<number[]> {
  const ping = async () => {
    const start = performance.now();
    await workstation.call('browse', { path: folder });
    return performance.now() - start;
  };
  await ping();
  let now = '';
  const ended = job((progress) => {
    now = progress.stage;
  }).finally(() => {
    now = 'ended';
  });
  const latencies: number[] = [];
  // TypeScript does not see that `now` changes.
  while ((now as string) !== 'ended') {
    const ms = await ping();
    if (now === stage) latencies.push(ms);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await ended;
  return latencies.sort((a, b) => a - b);
}

/** One run of the network takes longer: were it in the way, most would wait for it. */
function expectPrompt(latencies: readonly number[]): void {
  expect(latencies.length).toBeGreaterThan(10);
  expect(latencies[Math.floor(latencies.length / 2)]).toBeLessThan(50);
  expect(latencies[Math.floor(0.9 * latencies.length)]).toBeLessThan(200);
}

describe('the host answers within tens of milliseconds', () => {
  it('while a network runs over slices on all cores', async () => {
    const workstation = new HostWorkstation(startNodeHost);
    try {
      const study = join(folder, 'study');
      await workstation.call('phantom', { out: study, matrix: 256, slices: 8, contrasts: ['t2'] });
      const latencies = await latenciesDuring(workstation, 'enhancing', (onProgress) =>
        workstation.call(
          'enhance',
          { target: { paths: [study], series: '1' }, scale: 2, model: 'srcnn-x2', device: 'cpu' },
          { onProgress },
        ),
      );
      expectPrompt(latencies);
    } finally {
      workstation.close();
    }
  });

  it('while a network is trained', async () => {
    const workstation = new HostWorkstation(startNodeHost);
    try {
      const study = join(folder, 'case');
      await workstation.call('phantom', {
        out: study,
        matrix: 128,
        slices: 4,
        contrasts: ['t2'],
        format: 'nifti',
      });
      const latencies = await latenciesDuring(workstation, 'training', (onProgress) =>
        workstation.call(
          'train',
          {
            network: 'srcnn',
            scale: 2,
            cases: [study],
            steps: 6,
            batch: 8,
            patch: 80,
            out: join(folder, 'model'),
          },
          { onProgress },
        ),
      );
      expectPrompt(latencies);
    } finally {
      workstation.close();
    }
  });

  it('while a large network is described', async () => {
    const workstation = new HostWorkstation(startNodeHost);
    try {
      const latencies = await latenciesDuring(workstation, 'describing', (onProgress) =>
        workstation.call('modelsDescribe', { network: 'glmamba', scale: 2 }, { onProgress }),
      );
      expectPrompt(latencies);
    } finally {
      workstation.close();
    }
  });
});
