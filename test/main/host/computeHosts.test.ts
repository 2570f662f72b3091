import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ComputeHosts } from '../../../src/main/host/computeHosts.ts';
import { startNodeHost } from '../../../src/main/host/nodeHost.ts';
import type { HostChannel, HostPlace } from '../../../src/main/host/protocol.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from '../evaluation/cases.ts';
import { writePeople } from '../finetune/people.ts';

let folder = '';

beforeAll(async () => {
  folder = await temporaryFolder();
  await writePeople(join(folder, 'people'), 3);
  await writeTestPackage(join(folder, 'base'), 'base-x2', testModel('srcnn-guided', 2, { correction: true }));
}, 60_000);

/** Priorities of all threads of a process, as the system has them. */
function priorities(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // Field 19; the name, field 2, may hold spaces.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

describe('the compute hosts', () => {
  it.runIf(process.platform === 'linux')(
    'tune in a process of their own of the lowest priority, beside work that is waited for',
    async () => {
      const started: { place: HostPlace; channel: HostChannel }[] = [];
      const hosts = new ComputeHosts((place) => {
        const channel = startNodeHost(place);
        started.push({ place, channel });
        return channel;
      });
      let gone = false;
      try {
        await hosts.call('browse', { path: folder });
        let seen: number[] = [];
        let beside: Promise<unknown> | undefined;
        const stop = new AbortController();
        const tuning = hosts.call(
          'finetune',
          {
            ...{ base: join(folder, 'base'), cases: [join(folder, 'people')], out: join(folder, 'out') },
            ...{ registration: 'headers-unchecked', steps: 1_000_000, patch: 32 },
          },
          {
            signal: stop.signal,
            onProgress: ({ stage, done }) => {
              if (stage !== 'training' || done < 3 || beside !== undefined) return;
              const background = started.find(({ place }) => place === 'background')!.channel;
              background.onExit(() => {
                gone = true;
              });
              seen = priorities(background.pid!);
              // An exclusive one: it would wait for its turn behind the training in the same process.
              beside = hosts
                .call('finetuneCases', {
                  sources: [join(folder, 'people')],
                  registration: 'headers-unchecked',
                })
                .then(() => stop.abort());
            },
          },
        );
        await expect(tuning).rejects.toMatchObject({ code: 'cancelled' });
        await beside;
        // Threads of shards and of onnxruntime among them.
        expect(seen.length).toBeGreaterThan(5);
        expect(new Set(seen)).toEqual(new Set([constants.priority.PRIORITY_LOW]));
        const foreground = started.find(({ place }) => place === 'foreground')!.channel;
        expect(priorities(foreground.pid!).every((nice) => nice < constants.priority.PRIORITY_LOW)).toBe(
          true,
        );
        // It does not wait for the next one.
        await expect.poll(() => gone, { timeout: 10_000 }).toBe(true);
        expect(started.map(({ place }) => place)).toEqual(['foreground', 'background']);
      } finally {
        hosts.close();
      }
    },
    180_000,
  );
});
