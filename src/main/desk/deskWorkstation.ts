import type { OperationName, Request, RequestInput, Result } from '../../core/contract/operations.ts';
import type { CallOptions, Workstation } from '../../core/contract/workstation.ts';
import { toErrorData } from '../../core/errors.ts';
import { diagnose } from '../diagnostics/diagnosticsOperation.ts';
import { ErrorLog } from '../diagnostics/errorLog.ts';
import { ComputeHosts, type StartHost } from '../host/computeHosts.ts';
import { parseRequest } from '../host/hostWorkstation.ts';
import { JobQueue } from '../jobs/jobQueue.ts';
import { type Library, library } from '../library/library.ts';
import { isResultStored } from '../library/results.ts';
import { type DeskOperation, isHostOperation } from './deskOperations.ts';
import { keepPosition, recall, remember } from './remembering.ts';
import { recallOfStudy, rememberOfStudy } from './studyMemory.ts';

type DeskHandlers = {
  readonly [N in DeskOperation]: (request: Request<N>, signal: AbortSignal) => Result<N> | Promise<Result<N>>;
};

/**
 * The whole workstation: the compute hosts for what reads and computes, and at this desk, in the main process,
 * the queue of jobs and what windows want remembered.
 */
export class DeskWorkstation implements Workstation {
  readonly jobs: JobQueue;
  readonly #host: ComputeHosts;
  readonly #errors = new ErrorLog();
  readonly #handlers: DeskHandlers;

  constructor(startHost: StartHost, kept: Library = library()) {
    this.#host = new ComputeHosts(startHost);
    const jobs = new JobQueue({ library: kept, workstation: this.#host, isStored: isResultStored });
    this.jobs = jobs;
    this.#handlers = {
      jobsSubmit: (request) => jobs.submit(request),
      jobsList: (request, signal) => jobs.list(request, signal),
      jobsCancel: (request) => jobs.cancel(request),
      jobsRetry: (request) => jobs.retry(request),
      jobsClear: (request) => jobs.clear(request),
      remember: (request) => remember(kept, request),
      recall: () => recall(kept),
      rememberOfStudy: (request) => rememberOfStudy(kept, request),
      recallOfStudy: (request) => recallOfStudy(kept, request),
      alignmentKeep: (request) => keepPosition(kept, request),
      diagnostics: () => diagnose(this.#host, kept, jobs, this.#errors),
    };
  }

  async call<N extends OperationName>(
    name: N,
    request: RequestInput<N>,
    options: CallOptions = {},
  ): Promise<Result<N>> {
    try {
      return await this.#answer(name, request, options);
    } catch (error) {
      this.#errors.note(name, toErrorData(error));
      throw error;
    }
  }

  async #answer<N extends OperationName>(
    name: N,
    request: RequestInput<N>,
    options: CallOptions,
  ): Promise<Result<N>> {
    if (isHostOperation(name)) return this.#host.call(name, request, options);
    const handler = this.#handlers[name as DeskOperation] as (
      checked: unknown,
      signal: AbortSignal,
    ) => Result<N> | Promise<Result<N>>;
    return handler(parseRequest(name, request), options.signal ?? new AbortController().signal);
  }

  /** Ends the compute hosts; a job that runs is interrupted, others wait for the next start. */
  close(): void {
    this.jobs.close();
    this.#host.close();
  }
}
