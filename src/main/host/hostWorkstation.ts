import * as z from 'zod';
import {
  type OperationName,
  operations,
  type RequestInput,
  type Result,
} from '../../core/contract/operations.ts';
import type { CallOptions, Workstation } from '../../core/contract/workstation.ts';
import { fromErrorData, TandemError } from '../../core/errors.ts';
import { isHostOperation } from '../desk/deskOperations.ts';
import type { FromHost, HostChannel } from './protocol.ts';

/** How long a cancelled job may take to clean up before its caller is answered, and before the host is ended. */
const ANSWER_CANCEL_AFTER_MS = 900;
const KILL_AFTER_CANCEL_MS = 15_000;
/** A training ends after the step in hand, which may take long, and writes its checkpoint: that is waited for. */
const ANSWER_TRAINING_CANCEL_AFTER_MS = 120_000;

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: TandemError) => void;
  readonly options: CallOptions;
}

/**
 * The workstation beside its compute host: checks requests, hands them over, and starts the host again when
 * it is gone. A crash of the host fails the calls under way with `host-crashed` and nothing else.
 */
export class HostWorkstation implements Workstation {
  readonly #start: () => HostChannel;
  readonly #pending = new Map<number, PendingCall>();
  #host: HostChannel | undefined;
  #nextId = 1;

  constructor(start: () => HostChannel) {
    this.#start = start;
  }

  async call<N extends OperationName>(
    name: N,
    request: RequestInput<N>,
    options: CallOptions = {},
  ): Promise<Result<N>> {
    const checked = parseRequest(name, request);
    if (!isHostOperation(name)) throw new TandemError('usage', `${name} is not the compute host’s to answer`);
    if (options.signal?.aborted) throw new TandemError('cancelled', 'Cancelled');
    const id = this.#nextId++;
    const host = this.#ensureHost();
    const result = new Promise<unknown>((resolve, reject) =>
      this.#pending.set(id, { resolve, reject, options }),
    );
    const trains = name === 'train' || name === 'finetune';
    const patienceMs = trains ? ANSWER_TRAINING_CANCEL_AFTER_MS : ANSWER_CANCEL_AFTER_MS;
    const cancel = () => this.#cancel(host, id, patienceMs);
    options.signal?.addEventListener('abort', cancel, { once: true });
    host.send({ type: 'call', id, name, request: checked });
    try {
      return (await result) as Result<N>;
    } finally {
      options.signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends the compute host; calls under way fail with `cancelled`. */
  close(): void {
    const host = this.#host;
    this.#host = undefined;
    for (const call of this.#pending.values())
      call.reject(new TandemError('cancelled', 'The workstation was closed'));
    this.#pending.clear();
    host?.kill();
  }

  #ensureHost(): HostChannel {
    if (this.#host) return this.#host;
    const host = this.#start();
    this.#host = host;
    host.onMessage((message) => this.#receive(message));
    host.onExit((description) => this.#hostGone(host, description));
    return host;
  }

  #receive(message: FromHost): void {
    if (message.type === 'probe-device') return;
    const call = this.#pending.get(message.id);
    if (!call) return;
    if (message.type === 'progress') {
      call.options.onProgress?.(message.progress);
      return;
    }
    this.#pending.delete(message.id);
    if (message.type === 'result') call.resolve(message.result);
    else call.reject(fromErrorData(message.error));
  }

  #cancel(host: HostChannel, id: number, patienceMs: number): void {
    host.send({ type: 'cancel', id });
    const answer = setTimeout(() => {
      const call = this.#pending.get(id);
      if (!call) return;
      // The caller need not wait for the clean-up, but a job that never ends must not hold the machine.
      call.reject(new TandemError('cancelled', 'Cancelled'));
      this.#pending.set(id, { ...call, resolve: () => {}, reject: () => {} });
    }, patienceMs);
    const kill = setTimeout(() => {
      if (this.#pending.has(id)) host.kill();
    }, patienceMs + KILL_AFTER_CANCEL_MS);
    answer.unref();
    kill.unref();
  }

  #hostGone(host: HostChannel, description: string): void {
    if (this.#host !== host) return;
    this.#host = undefined;
    for (const call of this.#pending.values()) {
      call.reject(
        new TandemError('host-crashed', `The compute process ended unexpectedly (${description})`, {
          hint: 'It starts again by itself: try again; if it happens again, use fewer or smaller images or close other programs.',
        }),
      );
    }
    this.#pending.clear();
  }
}

/** A request checked against its schema, with defaults filled in. Throws `usage` naming what does not fit. */
export function parseRequest<N extends OperationName>(name: N, request: unknown): unknown {
  const operation = operations[name];
  if (operation === undefined) throw new TandemError('usage', `There is no operation “${String(name)}”`);
  const parsed = operation.request.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new TandemError('usage', `${name}: ${z.prettifyError(parsed.error)}`);
}
