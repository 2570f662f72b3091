import type { OperationName, Request, Result } from '../../core/contract/operations.ts';
import type { JobContext } from '../../core/job.ts';

/** What does one operation of the contract, in the compute host. Throws `TandemError`s. */
export type Handler<N extends OperationName> = (request: Request<N>, job: JobContext) => Promise<Result<N>>;
