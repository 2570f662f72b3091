import type { OperationName, RequestInput, Result } from '../../../core/contract/operations.ts';
import type { CallOptions, Workstation } from '../../../core/contract/workstation.ts';
import { fromErrorData, TandemError } from '../../../core/errors.ts';
import { type Channel, WORKSTATION_STOPPED } from './channel.ts';
import { readServerMessage } from './messages.ts';
import { type FetchBytes, withVoxels } from './voxels.ts';

interface OpenCall {
  readonly options: CallOptions;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: TandemError) => void;
}

/**
 * The contract over a channel: calls by id, progress, cancel. When the workstation goes, every open call
 * fails with `host-crashed`.
 */
export function contractClient(channel: Channel, fetchBytes: FetchBytes): Workstation {
  const open = new Map<number, OpenCall>();
  let lastId = 0;

  channel.onMessage((value) => {
    const message = readServerMessage(value);
    const call = message === undefined ? undefined : open.get(message.id);
    if (message === undefined || call === undefined) return;
    if (message.type === 'progress') {
      call.options.onProgress?.(message.progress);
      return;
    }
    open.delete(message.id);
    if (message.type === 'result') call.resolve(message.result);
    else call.reject(fromErrorData(message.error));
  });

  channel.onStatus((status) => {
    if (status !== 'stopped' && status !== 'refused') return;
    const lost = [...open.values()];
    open.clear();
    for (const call of lost) call.reject(fromErrorData(WORKSTATION_STOPPED));
  });

  const ask = async (name: OperationName, request: unknown, options: CallOptions): Promise<unknown> => {
    const { signal } = options;
    if (signal?.aborted) throw new TandemError('cancelled', 'Cancelled');
    const id = ++lastId;
    const cancel = (): void => {
      channel.send({ type: 'cancel', id });
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        open.set(id, { options, resolve, reject });
        if (channel.send({ type: 'call', id, name, request })) return;
        open.delete(id);
        reject(fromErrorData(WORKSTATION_STOPPED));
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  };

  return {
    call: async <N extends OperationName>(
      name: N,
      request: RequestInput<N>,
      options: CallOptions = {},
    ): Promise<Result<N>> => {
      const result = await ask(name, request, options);
      return (await withVoxels(result, fetchBytes, options.signal)) as Result<N>;
    },
  };
}
