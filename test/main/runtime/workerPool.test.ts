import { describe, expect, it } from 'vitest';
import { WorkerPool } from '../../../src/main/runtime/workerPool.ts';
import type { TestTask } from './poolWorker.ts';

interface Reply {
  readonly value: number;
  readonly materials: readonly string[];
}

function makePool(workers: number, material?: (task: TestTask) => { key: string; value: () => unknown }) {
  const deaths = new Int32Array(new SharedArrayBuffer(4));
  const entry = new URL('./poolWorker.ts', import.meta.url);
  const pool = new WorkerPool<TestTask, Reply>({ entry, workers, workerData: { deaths }, material });
  return { pool, deaths };
}

async function collect(pool: WorkerPool<TestTask, Reply>, tasks: TestTask[]): Promise<number[]> {
  const values: number[] = [];
  for await (const reply of pool.run(tasks)) values.push(reply.value);
  pool.close();
  return values;
}

describe('WorkerPool', () => {
  it('gives replies in the order of the tasks, whichever is done first', async () => {
    const tasks = Array.from({ length: 12 }, (_, n) => ({ value: n, busyMs: n % 3 === 0 ? 30 : 0 }));
    expect(await collect(makePool(3).pool, tasks)).toEqual(tasks.map(({ value }) => value * 2));
  });

  it('takes no more tasks than workers + 2 before their replies are consumed', async () => {
    const { pool } = makePool(2);
    let taken = 0;
    let mostAhead = 0;
    function* source(): Generator<TestTask> {
      for (let n = 0; n < 200; n++) {
        taken++;
        yield { value: n };
      }
    }
    let consumed = 0;
    for await (const _ of pool.run(source())) {
      consumed++;
      mostAhead = Math.max(mostAhead, taken - consumed);
    }
    pool.close();
    expect(consumed).toBe(200);
    expect(mostAhead).toBeLessThanOrEqual(4);
  });

  it('is cancelled well within a second although its workers never pause', async () => {
    const { pool } = makePool(2);
    const controller = new AbortController();
    const tasks = Array.from({ length: 100 }, (_, value) => ({ value, busyMs: 5000 }));
    const run = (async () => {
      for await (const _ of pool.run(tasks, controller.signal));
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const start = performance.now();
    controller.abort();
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('does not start when it is cancelled already', async () => {
    const run = makePool(1).pool.run([{ value: 1 }], AbortSignal.abort());
    await expect(run.next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('replaces a worker that dies and tries its task again', async () => {
    const { pool, deaths } = makePool(2);
    const tasks = Array.from({ length: 8 }, (_, n) => ({ value: n, ...(n === 3 && { deaths: 2 }) }));
    expect(await collect(pool, tasks)).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(deaths[0]).toBe(2);
  });

  it('gives up on a task that kills every worker', async () => {
    const { pool, deaths } = makePool(2);
    const tasks = [{ value: 0 }, { value: 1, deaths: 100 }, { value: 2 }];
    await expect(collect(pool, tasks)).rejects.toMatchObject({ code: 'failed' });
    expect(deaths[0]).toBe(3);
  });

  it('reports an entry that cannot be loaded', async () => {
    const entry = new URL('./absentWorker.ts', import.meta.url);
    const pool = new WorkerPool<TestTask, Reply>({ entry, workers: 1 });
    await expect(collect(pool, [{ value: 1 }])).rejects.toThrow(/absentWorker/);
  });

  it('hands on the error of a task as it is, without another attempt', async () => {
    const { pool } = makePool(2);
    await expect(collect(pool, [{ value: 4, fail: true }])).rejects.toMatchObject({
      code: 'bad-geometry',
      message: 'no 4',
    });
  });

  it('sends the material of a key once to each worker', async () => {
    let made = 0;
    const { pool } = makePool(1, ({ value }) => ({
      key: value < 3 ? 'a' : 'b',
      value: () => {
        made++;
        return 'material';
      },
    }));
    const materials: (readonly string[])[] = [];
    for await (const reply of pool.run([0, 1, 2, 3, 4].map((value) => ({ value })))) {
      materials.push(reply.materials);
    }
    pool.close();
    expect(made).toBe(2);
    expect(materials.at(0)).toEqual(['a=material']);
    expect(materials.at(-1)).toEqual(['a=material', 'b=material']);
  });
});
