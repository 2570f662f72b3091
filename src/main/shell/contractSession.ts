import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type OperationName, operations } from '../../core/contract/operations.ts';
import type { Workstation } from '../../core/contract/workstation.ts';
import { type ErrorData, TandemError, toErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';

const operationNames = Object.keys(operations) as [OperationName, ...OperationName[]];

/** What a window may send; anything else is refused. */
export const windowMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call'),
    id: z.number().int(),
    name: z.enum(operationNames),
    request: z.unknown(),
  }),
  z.object({ type: z.literal('cancel'), id: z.number().int() }),
]);

export type ToWindow =
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData };

/** Voxels waiting to be fetched once, by key. What nobody fetches is dropped, oldest first. */
export class VoxelShelf {
  readonly #items = new Map<string, Uint8Array>();
  readonly #capacity: number;

  constructor(capacity = 8) {
    this.#capacity = capacity;
  }

  put(voxels: Uint8Array): string {
    const key = randomUUID();
    this.#items.set(key, voxels);
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#capacity) break;
      this.#items.delete(oldest);
    }
    return key;
  }

  take(key: string): Uint8Array | undefined {
    const voxels = this.#items.get(key);
    this.#items.delete(key);
    return voxels;
  }
}

/**
 * One window's conversation with the workstation, whatever carries it: calls by id, progress, cancel. Voxels
 * in a result are put on the shelf and replaced by the address they can be fetched from, once.
 */
export class ContractSession {
  readonly #workstation: Workstation;
  readonly #shelf: VoxelShelf;
  readonly #send: (message: ToWindow) => void;
  readonly #running = new Map<number, AbortController>();

  constructor(workstation: Workstation, shelf: VoxelShelf, send: (message: ToWindow) => void) {
    this.#workstation = workstation;
    this.#shelf = shelf;
    this.#send = send;
  }

  /** Takes one message from the window; throws `usage` where it is none of the contract's. */
  receive(raw: unknown): void {
    const parsed = windowMessage.safeParse(raw);
    if (!parsed.success)
      throw new TandemError('usage', 'The window sent a message that is not part of the contract');
    const message = parsed.data;
    if (message.type === 'cancel') this.#running.get(message.id)?.abort();
    else void this.#call(message.id, message.name, message.request);
  }

  /** The window is gone: its jobs are cancelled. */
  close(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  async #call(id: number, name: OperationName, request: unknown): Promise<void> {
    if (this.#running.has(id)) {
      this.#send({ type: 'error', id, error: { code: 'usage', message: `Call ${id} is already under way` } });
      return;
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      // The workstation checks the request against its schema, so a window's `unknown` is safe here.
      const result = await this.#workstation.call(name, request as never, {
        onProgress: (progress) => this.#send({ type: 'progress', id, progress }),
        signal: controller.signal,
      });
      this.#send({ type: 'result', id, result: this.#shelve(result) });
    } catch (error) {
      this.#send({ type: 'error', id, error: toErrorData(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  #shelve(result: object): object {
    if (!('voxels' in result) || !(result.voxels instanceof Uint8Array)) return result;
    return { ...result, voxels: { url: `/voxels/${this.#shelf.put(result.voxels)}` } };
  }
}
