import type { OperationName, RequestInput, Result } from '../../core/contract/operations.ts';
import type { CallOptions, Workstation } from '../../core/contract/workstation.ts';
import { HostWorkstation } from './hostWorkstation.ts';
import type { HostChannel, HostPlace } from './protocol.ts';

export type StartHost = (place: HostPlace) => HostChannel;

/** Work of hours that must hold up nothing else, and what is measured for it: a process of its own, of low priority. */
const IN_BACKGROUND: ReadonlySet<OperationName> = new Set(['finetune', 'finetunePlan']);

/**
 * The compute hosts: one for what somebody waits for, and one, while there is such work, for what goes on beside it.
 */
export class ComputeHosts implements Workstation {
  readonly #foreground: HostWorkstation;
  readonly #background: HostWorkstation;
  #inBackground = 0;

  constructor(start: StartHost) {
    this.#foreground = new HostWorkstation(() => start('foreground'));
    this.#background = new HostWorkstation(() => start('background'));
  }

  async call<N extends OperationName>(
    name: N,
    request: RequestInput<N>,
    options: CallOptions = {},
  ): Promise<Result<N>> {
    if (!IN_BACKGROUND.has(name)) return this.#foreground.call(name, request, options);
    this.#inBackground++;
    try {
      return await this.#background.call(name, request, options);
    } finally {
      // Nothing of it is worth the memory of a process that waits.
      if (--this.#inBackground === 0) this.#background.close();
    }
  }

  /** Ends the compute hosts; calls under way fail with `cancelled`. */
  close(): void {
    this.#foreground.close();
    this.#background.close();
  }
}
