import type { Progress } from '../job.ts';
import type { OperationName, RequestInput, Result } from './operations.ts';

export interface CallOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The workstation: one method, all operations. Rejects with a `TandemError`; a request that does not fit
 * its schema is `usage`. Implemented beside the compute host (main/host), over a WebSocket (browser
 * shell) and over Electron's IPC (window).
 */
export interface Workstation {
  call<N extends OperationName>(name: N, request: RequestInput<N>, options?: CallOptions): Promise<Result<N>>;
}
