import type { Request, Result } from '../../core/contract/operations.ts';
import { TandemError, toErrorData } from '../../core/errors.ts';
import type { JobContext, Progress } from '../../core/job.ts';
import { isAudited } from '../audit/audited.ts';
import type { HostOperation } from '../desk/deskOperations.ts';
import type { Handler } from './handler.ts';
import type { FromHost, ToHost } from './protocol.ts';

type Handlers = { readonly [N in HostOperation]: () => Promise<Handler<N>> };

/**
 * Runs the operations that the main process asks for: each call answers exactly once, with a result or an
 * error; a cancelled one answers `cancelled`. Exclusive operations run one after another.
 */
export class JobRunner {
  readonly #handlers: Handlers;
  readonly #exclusive: ReadonlySet<HostOperation>;
  readonly #send: (message: FromHost) => void;
  readonly #running = new Map<number, AbortController>();
  #turn: Promise<void> = Promise.resolve();

  constructor(handlers: Handlers, exclusive: ReadonlySet<HostOperation>, send: (message: FromHost) => void) {
    this.#handlers = handlers;
    this.#exclusive = exclusive;
    this.#send = send;
  }

  receive(message: ToHost): void {
    if (message.type === 'cancel') {
      this.#running.get(message.id)?.abort(new TandemError('cancelled', 'Cancelled'));
      return;
    }
    if (message.type === 'call') void this.#run(message.id, message.name, message.request);
  }

  async #run(id: number, name: HostOperation, request: unknown): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const finish = this.#exclusive.has(name) ? await this.#takeTurn(id, controller.signal) : undefined;
    try {
      controller.signal.throwIfAborted();
      const result = await this.#call(name, request, id, controller.signal);
      this.#send({ type: 'result', id, result });
    } catch (error) {
      const data = controller.signal.aborted
        ? toErrorData(new TandemError('cancelled', 'Cancelled'))
        : toErrorData(error);
      if (data.code === 'failed' && error instanceof Error) console.error(error.stack);
      this.#send({ type: 'error', id, error: data });
    } finally {
      finish?.();
      this.#running.delete(id);
    }
  }

  async #call<N extends HostOperation>(
    name: N,
    request: unknown,
    id: number,
    signal: AbortSignal,
  ): Promise<Result<N>> {
    const handler = await this.#handlers[name]();
    const job = {
      progress: (progress: Progress) => this.#send({ type: 'progress', id, progress }),
      signal,
    };
    if (!isAudited(name)) return handler(request as Request<N>, job);
    const { recorded } = await import('../audit/recorded.ts');
    const work = (audited: JobContext) => handler(request as Request<N>, audited);
    return recorded<Result<N>>(name, request, job, work);
  }

  /** Waits until earlier exclusive jobs are done (or this one is cancelled); returns how to end the turn. */
  async #takeTurn(id: number, signal: AbortSignal): Promise<() => void> {
    const before = this.#turn;
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    this.#turn = before.then(() => done);
    let waiting = true;
    void before.then(() => {
      waiting = false;
    });
    await Promise.resolve();
    if (waiting) this.#send({ type: 'progress', id, progress: { stage: 'waiting', done: 0, total: 1 } });
    await Promise.race([
      before,
      new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    ]);
    return finish;
  }
}
