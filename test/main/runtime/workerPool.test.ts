import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { type Material, threadsEnded, WorkerPool } from '../../../src/main/runtime/workerPool.ts';
import type { TestTask } from './poolWorker.ts';

interface Reply {
  readonly value: number;
  readonly materials: readonly string[];
  readonly threadId: number;
}

function makePool(workers: number, keep?: Record<string, number>) {
  const deaths = new Int32Array(new SharedArrayBuffer(4));
  const entry = new URL('./poolWorker.ts', import.meta.url);
  const pool = new WorkerPool<TestTask, Reply>({ entry, workers, workerData: { deaths }, keep });
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

  it('sends the material of a key once to each worker, which keeps the last ones that it used', async () => {
    const made: string[] = [];
    const { pool } = makePool(1, { model: 2 });
    const materials = ({ value }: TestTask): Material[] => {
      const key = 'abc'[value]!;
      const make = () => {
        made.push(key);
        return 'material';
      };
      return [{ key, kind: 'model', value: make }];
    };
    const seen: string[] = [];
    const tasks = [0, 0, 1, 0, 2, 0, 1].map((value) => ({ value }));
    for await (const reply of pool.run(tasks, undefined, materials)) {
      seen.push(reply.materials.map((one) => one[0]).join(''));
    }
    pool.close();
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(seen).toEqual(['a', 'a', 'ab', 'ab', 'ac', 'ac', 'ab']);
  });

  it('rests between two runs with its threads, and lets go of what only the first one needed', async () => {
    const { pool } = makePool(1);
    const materials = (key: string) => (): Material[] => [
      { key, kind: 'shared', value: () => 1 },
      { key: 'm', kind: 'model', value: () => 1 },
    ];
    const replies: Reply[] = [];
    for await (const reply of pool.run([{ value: 0 }], undefined, materials('first'))) replies.push(reply);
    pool.rest('shared');
    for await (const reply of pool.run([{ value: 0 }], undefined, materials('second'))) replies.push(reply);
    pool.close();
    expect(replies.map((reply) => reply.materials)).toEqual([
      ['first=1', 'm=1'],
      ['m=1', 'second=1'],
    ]);
    expect(replies[1]!.threadId).toBe(replies[0]!.threadId);
  });

  it('ends threads that it may not have any more', async () => {
    const { pool } = makePool(3);
    const threads = async (count: number) => {
      const ids = new Set<number>();
      const tasks = Array.from({ length: count }, (_, value) => ({ value, busyMs: 30 }));
      for await (const { threadId } of pool.run(tasks)) ids.add(threadId);
      return ids.size;
    };
    expect(await threads(6)).toBe(3);
    pool.workers = 1;
    expect(await threads(6)).toBe(1);
    pool.close();
  });

  it('never stops a thread by force, however long it computes: inside onnxruntime that ends the process', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    const { pool } = makePool(1);
    const run = pool.run([{ value: 1, busyMs: 500 }]);
    const reply = run.next();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      pool.close();
      await expect(reply).rejects.toMatchObject({ code: 'cancelled' });
      vi.advanceTimersByTime(24 * 3600 * 1000);
      await threadsEnded();
      expect(terminate).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
      terminate.mockRestore();
    }
  });
});
