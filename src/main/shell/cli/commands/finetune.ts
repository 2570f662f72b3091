import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FinetunePlan, FinetuneResult } from '../../../../core/contract/finetune.ts';
import type { RequestInput, Result } from '../../../../core/contract/operations.ts';
import { TandemError } from '../../../../core/errors.ts';
import { resolvedSource } from '../../../training/data/studySource.ts';
import { caseWords } from '../caseWords.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { devices, flag, modelNamed, onePositional, optionalPath, text, texts } from '../requestParts.ts';

type Finetune = RequestInput<'finetune'>;

/** What decides a run, for the run itself and for its plan. */
const WHAT =
  '--base ID|DIR --cases DIR|study:UID … [--test PATIENT|DIR …] [--validation PATIENT|DIR …] ' +
  '[--test-share S] [--validation-share S] [--locked FILE] [--thresholds FILE] ' +
  '[--target t2] [--reference t1] [--layout auto|folders|ixi|brats|dicom] ' +
  '[--registration auto|headers|headers-unchecked] [--least-slices 3] ' +
  '--hours H | --steps N [--last-stages] [--batch N] [--patch N] [--learning-rate N] [--recompute] ' +
  `[--patience 10] [--seed 1] [--device ${devices}|auto] `;

const OPTIONS = {
  base: text,
  cases: texts,
  test: texts,
  validation: texts,
  'test-share': text,
  'validation-share': text,
  locked: text,
  thresholds: text,
  target: text,
  reference: text,
  layout: text,
  registration: text,
  'least-slices': text,
  hours: text,
  steps: text,
  'last-stages': flag,
  batch: text,
  patch: text,
  'learning-rate': text,
  recompute: flag,
  patience: text,
  seed: text,
  device: text,
};

/** Fine-tuning. */
export const finetuneCommands: readonly Command[] = [
  command({
    name: 'finetune',
    operation: 'finetune',
    usage:
      `tandem finetune ${WHAT}--out DIR [--id ID] [--licence TEXT] [--notice TEXT …] ` +
      '[--checkpoint-seconds 120] [--resume] [--json]',
    summary:
      'Tunes a model on a site’s own scans and judges it on a locked test set: a candidate with its report',
    whenStopped: 'the step in hand is finished and its state saved; --resume goes on from there',
    positionals: Number.POSITIVE_INFINITY,
    options: {
      ...OPTIONS,
      out: text,
      id: text,
      licence: text,
      notice: texts,
      'checkpoint-seconds': text,
      resume: flag,
    },
    request: (args) => ({
      ...whatOf(args),
      out: resolve(args.required('out')),
      id: args.text('id'),
      licence: args.text('licence'),
      notices: [...args.all('notice')],
      checkpointSeconds: args.number('checkpoint-seconds'),
      resume: args.flag('resume'),
    }),
    print: resultWords,
    exitCode: ({ acceptance }) => (acceptance?.passed === false ? 1 : 0),
  }),
  command({
    name: 'finetune plan',
    operation: 'finetunePlan',
    usage: `tandem finetune plan ${WHAT}[--out DIR] [--json]`,
    summary:
      'What a fine-tuning would be, and take in memory, time and disk; what would fit where it does not',
    positionals: Number.POSITIVE_INFINITY,
    options: { ...OPTIONS, out: text },
    request: (args) => ({ ...whatOf(args), out: optionalPath(args.text('out')) }),
    print: planWords,
    exitCode: ({ fits }) => (fits ? 0 : 1),
  }),
  command({
    name: 'finetune status',
    operation: 'finetuneStatus',
    usage: 'tandem finetune status DIR [--json]',
    summary: 'How far a fine-tuning is, wherever it goes on',
    positionals: 1,
    options: {},
    request: (args) => ({ out: resolve(onePositional(args, 'the folder of a fine-tuning')), samples: false }),
    print: statusWords,
  }),
  ...(['pause', 'finish'] as const).map((action) =>
    command({
      name: `finetune ${action}`,
      operation: 'finetuneControl',
      usage: `tandem finetune ${action} DIR [--json]`,
      summary:
        action === 'pause'
          ? 'Pauses a fine-tuning that goes on elsewhere; finetune --resume goes on with it'
          : 'Stops a fine-tuning that goes on elsewhere, keeps the best weights so far and judges them',
      positionals: 1,
      options: {},
      request: (args) => ({ out: resolve(onePositional(args, 'the folder of a fine-tuning')), action }),
      print: () =>
        action === 'pause' ? 'It pauses after the step in hand.' : 'It ends after the step in hand.',
    }),
  ),
];

function whatOf(args: Arguments) {
  const base = args.text('base');
  const stray = args.positionals.find((one) => !LISTS.some((name) => args.list(name).includes(one)));
  if (stray !== undefined) {
    throw new TandemError('usage', `“${stray}” stands behind no --cases`, { hint: args.hint });
  }
  return {
    base: base === undefined ? undefined : modelNamed(base),
    cases: args.list('cases').map(resolvedSource),
    test: args.list('test').map(patientOrFolder),
    validation: args.list('validation').map(patientOrFolder),
    testShare: args.number('test-share'),
    validationShare: args.number('validation-share'),
    locked: optionalPath(args.text('locked')),
    thresholds: optionalPath(args.text('thresholds')),
    target: args.text('target'),
    reference: args.text('reference'),
    layout: args.text('layout') as Finetune['layout'],
    registration: args.text('registration') as Finetune['registration'],
    leastSlices: args.number('least-slices'),
    hours: args.number('hours'),
    steps: args.number('steps'),
    change: args.flag('last-stages') ? ('last-stages' as const) : ('all' as const),
    batch: args.number('batch'),
    patch: args.number('patch'),
    learningRate: args.number('learning-rate'),
    recompute: args.flag('recompute'),
    patience: args.number('patience'),
    seed: args.number('seed'),
    device: args.text('device') as Finetune['device'],
  };
}

const LISTS = ['cases', 'test', 'validation'] as const;

/** A folder of cases where there is one of that name, else the name of a patient. */
function patientOrFolder(name: string): string {
  return existsSync(name) ? resolve(name) : name;
}

function resultWords(result: FinetuneResult): string {
  const { run, path, state, steps, keptStep, validation, ended, acceptance } = result;
  if (state === 'paused') return `paused after ${steps} steps: tandem finetune --resume --out ${path}`;
  const sides = (['train', 'validation', 'test'] as const).map((side) => {
    const cases = run.cases.filter((one) => one.side === side);
    return `${side} ${new Set(cases.map(({ patient }) => patient)).size} patients (${cases.length} cases)`;
  });
  const inside =
    validation.base === null || validation.tuned === null
      ? ''
      : `; validation ${validation.base.toFixed(2)} → ${validation.tuned.toFixed(2)} dB inside (step ${keptStep})`;
  return [
    ...run.leftOut.map((one) => `left out    ${caseWords(one)}: ${one.reason}`),
    ...run.samePeople.map((words) => `one person  ${words}`),
    sides.join(', '),
    `wrote ${run.model} to ${path}: ${steps} steps (${ENDS[ended ?? 'planned']}) in ${Math.round(result.seconds / 60)} min${inside}`,
    ...run.notes.map((note) => `note        ${note}`),
    ...(acceptance === null ? [] : acceptanceWords(acceptance)),
    'A candidate: its images are marked until it is accepted (tandem models accept). Research use only, not for diagnosis.',
  ].join('\n');
}

const ENDS = {
  planned: 'as planned',
  worsening: 'stopped: no better any more',
  asked: 'stopped as asked',
  diverged: 'stopped: it diverged',
} as const;

function acceptanceWords({ psnrInside, passed, failures, path }: NonNullable<FinetuneResult['acceptance']>) {
  const { mean, interval95, patients } = psnrInside;
  const interval =
    interval95 === null ? '' : ` (95 % interval ${signed(interval95[0])} to ${signed(interval95[1])})`;
  return [
    ...(mean === null
      ? []
      : [`PSNR inside ${signed(mean)} dB${interval} over the base on ${patients} patients left out`]),
    passed ? 'ACCEPTANCE PASSED' : ['ACCEPTANCE FAILED', ...failures].join('\n  '),
    `report      ${path}`,
  ];
}

function planWords(plan: FinetunePlan): string {
  const { base, target, reference, sides, memory, time, disk } = plan;
  const share = Math.round((100 * plan.trained) / plan.parameters);
  const parts = [
    ['preparing', time.preparing],
    ['training', time.training],
    ['judging', time.judging],
  ].flatMap(([name, seconds]) => (typeof seconds === 'number' ? [`${name} ${minutes(seconds)}`] : []));
  return [
    `tune        ${base.id} ${base.version} for ${target}${reference === null ? '' : ` ← ${reference}`}, ${share} % of its weights, on ${plan.device}, ${plan.batch} patches of ${plan.patch} × ${plan.patch}`,
    `cases       ${plan.cases} of ${plan.patients} patients: train ${sides.train}, validation ${sides.validation}, test ${sides.test}, if all are suitable`,
    ...plan.without.map((one) => `left out    ${caseWords(one)}: ${one.reason}`),
    `memory      ${memory.neededMb} MB of ${memory.availableMb} MB that are free`,
    `disk        ${disk.neededMb} MB of ${disk.availableMb} MB that are free`,
    ...(time.all === null || time.perStep === null
      ? []
      : [
          `time        about ${minutes(time.all)}: ${parts.join(', ')}; ${time.steps} steps of ${time.perStep.toPrecision(2)} s, measured now`,
        ]),
    ...plan.notes.map((note) => `note        ${note}`),
    ...plan.refusals.map((words) => `IT CANNOT BE RUN SO: ${words}`),
    ...plan.instead.map(({ words, memoryMb }) => `would fit   ${words} (${memoryMb} MB)`),
  ].join('\n');
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function statusWords({
  stage,
  step,
  steps,
  secondsLeft,
  message,
  asked,
  records,
}: Result<'finetuneStatus'>): string {
  const last = records.findLast(({ validation }) => validation !== null)?.validation;
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft / 60)} min left`;
  const inside = last?.psnrInside ?? null;
  return [
    `${stage}: step ${step} of ${steps}${left}${asked === null ? '' : `, asked to ${asked}`}`,
    ...(inside === null ? [] : [`last validation ${inside.toFixed(2)} dB inside`]),
    ...(message === '' ? [] : [message]),
  ].join('\n');
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
