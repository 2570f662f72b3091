import type { QueuedJob } from '../../src/core/contract/jobs.ts';
import {
  type OperationName,
  operations,
  type RequestInput,
  type Result,
} from '../../src/core/contract/operations.ts';
import type { CallOptions } from '../../src/core/contract/workstation.ts';
import { toErrorData } from '../../src/core/errors.ts';
import { useQueue } from '../../src/renderer/state/queue.ts';

export type Answers = {
  [N in OperationName]?: (
    request: RequestInput<N>,
    options: CallOptions,
  ) => Promise<Partial<Result<N>> | Result<N>>;
};

/** The workstation's queue in small, over the test's answer to `enhance`: every job runs at once. */
export function queueOver(answers: Answers): Answers {
  const { enhance } = answers;
  if (enhance === undefined) return answers;
  const running = new Map<string, AbortController>();
  const put = (job: QueuedJob): QueuedJob => {
    const others = useQueue.getState().jobs.filter(({ id }) => id !== job.id);
    useQueue.setState({ jobs: [job, ...others], revision: (useQueue.getState().revision ?? 0) + 1 });
    return job;
  };
  let submitted = 0;
  const submit = ({ order, subject }: RequestInput<'jobsSubmit'>['orders'][number]): QueuedJob => {
    if (order.kind !== 'enhance') throw new Error('Only enhancements are answered here');
    const id = `job-${++submitted}`;
    const controller = new AbortController();
    running.set(id, controller);
    const job = put({
      id,
      order: { kind: 'enhance', request: operations.enhance.request.parse(order.request) },
      subject: subject ?? null,
      tuned: null,
      state: 'running',
      place: null,
      cancelling: false,
      progress: null,
      error: null,
      result: null,
      resultId: `result-${id}`,
      stored: false,
      attempt: 1,
      submittedAtMs: 0,
      startedAtMs: 0,
      endedAtMs: null,
    });
    const now = (): QueuedJob => useQueue.getState().jobs.find((one) => one.id === id) ?? job;
    enhance(order.request, {
      signal: controller.signal,
      onProgress: (progress) => put({ ...now(), progress }),
    }).then(
      (result) => put({ ...now(), state: 'done', result: result as Result<'enhance'>, stored: true }),
      (error: unknown) => {
        const data = toErrorData(error);
        const state = data.code === 'cancelled' ? 'cancelled' : 'failed';
        put({ ...now(), state, error: state === 'failed' ? data : null });
      },
    );
    return job;
  };
  return {
    jobsSubmit: async ({ orders }) => ({ jobs: orders.map(submit) }),
    jobsCancel: async ({ id }) => {
      running.get(id)?.abort();
      return {};
    },
    ...answers,
  };
}
