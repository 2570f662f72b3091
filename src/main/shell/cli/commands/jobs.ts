import type { QueuedJob } from '../../../../core/contract/jobs.ts';
import { ERROR_EXIT_CODES, type ErrorCode, formatError } from '../../../../core/errors.ts';
import { type Command, command } from '../command.ts';
import { describeProgress } from '../progressLine.ts';
import { flag, onePositional } from '../requestParts.ts';

/** `tandem jobs …`: the queue that windows put jobs into. */
export const jobsCommands: readonly Command[] = [
  command({
    name: 'jobs list',
    operation: 'jobsList',
    usage: 'tandem jobs list [--json]',
    summary: 'The queue of jobs: what runs, waits and has ended',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: ({ jobs }) => (jobs.length === 0 ? 'no jobs' : jobs.map(describeJob).join('\n')),
  }),
  command({
    name: 'jobs cancel',
    operation: 'jobsCancel',
    usage: 'tandem jobs cancel ID [--json]',
    summary: 'Cancels a job that waits or runs, whichever program runs it',
    positionals: 1,
    options: {},
    request: (args) => ({ id: onePositional(args, 'the job’s id') }),
    print: ({ job }) => describeJob(job),
  }),
  command({
    name: 'jobs retry',
    operation: 'jobsRetry',
    usage: 'tandem jobs retry ID [--accept-registration] [--json]',
    summary:
      'Puts a job that failed or was stopped back into the queue, a fine-tuning where it was; runs it without a window',
    positionals: 1,
    options: { 'accept-registration': flag },
    request: (args) => ({
      id: onePositional(args, 'the job’s id'),
      ...(args.flag('accept-registration') ? { change: { acceptRegistration: true } } : {}),
    }),
    settle: async ({ job }, { workstation, show, signal }) => {
      let last = job;
      let since: number | undefined;
      signal.addEventListener('abort', () => void workstation.call('jobsCancel', { id: job.id }));
      while (workstation.jobs.isRunning && (last.state === 'waiting' || last.state === 'running')) {
        const { revision, jobs } = await workstation.call('jobsList', { since, waitMs: 2000 });
        since = revision;
        last = jobs.find(({ id }) => id === job.id) ?? last;
        if (last.progress !== null) show(last.progress);
      }
      return { job: last };
    },
    print: ({ job }) => describeJob(job),
    exitCode: ({ job }) => {
      if (job.state === 'cancelled') return ERROR_EXIT_CODES.cancelled;
      return job.error === null
        ? 0
        : (ERROR_EXIT_CODES[job.error.code as ErrorCode] ?? ERROR_EXIT_CODES.failed);
    },
  }),
  command({
    name: 'jobs clear',
    operation: 'jobsClear',
    usage: 'tandem jobs clear [ID] [--json]',
    summary: 'Takes ended jobs off the list; their results stay',
    positionals: 1,
    options: {},
    request: (args) => (args.positionals[0] === undefined ? {} : { id: args.positionals[0] }),
    print: ({ cleared }) => `${cleared} taken off the list`,
  }),
];

function orderWords({ order, subject }: QueuedJob): string {
  if (order.kind === 'finetune') return `tunes ${order.request.base} in ${order.request.out}`;
  const { model, scale, target } = order.request;
  const series = subject?.target ?? `series ${target.series} of ${target.paths.join(', ')}`;
  return `×${scale} ${model}  ${series}`;
}

function describeJob(job: QueuedJob): string {
  const what = orderWords(job);
  const place = job.place === null ? '' : ` (${job.place} in the queue)`;
  const how = [
    ...(job.progress === null ? [] : [describeProgress(job.progress)]),
    ...(job.error === null ? [] : [formatError({ ...job.error, code: job.error.code as ErrorCode })]),
    ...(job.state === 'done' && job.order.kind === 'enhance' && !job.stored
      ? ['the result is not stored any more']
      : []),
  ];
  return [`${job.id}  ${job.state}${place}  ${what}`, ...how.map((line) => `  ${line}`)].join('\n');
}
