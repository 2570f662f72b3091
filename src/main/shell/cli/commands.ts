import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { OperationName, RequestInput } from '../../../core/contract/operations.ts';
import {
  deviceKind,
  type RegistrationReport,
  type SeriesSelector,
  type StudySummary,
} from '../../../core/contract/schemas.ts';
import { TandemError } from '../../../core/errors.ts';
import { shippedModelsFolder } from '../../paths.ts';
import { type Arguments, type Command, command } from './command.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const texts = { type: 'string', multiple: true } as const;
const devices = deviceKind.options.join('|');

/** The command table: everything `tandem` can do, each over one operation of the contract. */
export const commands: readonly Command[] = [
  command({
    name: 'list',
    operation: 'list',
    usage: 'tandem list PATH… [--json]',
    summary: 'Studies and series under files and folders, their warnings and the suggested pairs',
    positionals: Number.POSITIVE_INFINITY,
    options: {},
    request: (args) => ({ paths: somePositionals(args, 'a file or folder').map((path) => resolve(path)) }),
    print: (result) =>
      [
        ...result.studies.map(describeStudy),
        ...result.refused.map((file) => `refused  ${file.path}: ${file.code}: ${file.message}`),
      ].join('\n'),
  }),
  command({
    name: 'register',
    operation: 'register',
    usage: 'tandem register --fixed F --moving M --out transform.tfm [--resampled OUT.nii.gz] [--json]',
    summary: 'Rigid registration of one series onto another, with a verdict',
    positionals: 0,
    options: { fixed: text, moving: text, out: text, resampled: text },
    request: (args) => ({
      fixed: selector(undefined, args.required('fixed')),
      moving: selector(undefined, args.required('moving')),
      out: resolve(args.required('out')),
      resampled: optionalPath(args.text('resampled')),
    }),
    print: (result) => `${describeRegistration(result.registration)}\nwrote ${result.transform}`,
  }),
  command({
    name: 'enhance',
    operation: 'enhance',
    usage:
      'tandem enhance [STUDY] --target T [--reference R] --scale 2|4 --model ID --out DIR [--format dicom|nifti] ' +
      `[--registration rigid|none] [--accept-registration] [--device auto|${devices}] ` +
      '[--plane axial|sagittal|coronal] [--json]',
    summary: 'Enhances a target series with the help of its reference and writes the enhanced series',
    positionals: 1,
    options: {
      target: text,
      reference: text,
      scale: text,
      model: text,
      out: text,
      format: text,
      registration: text,
      'accept-registration': flag,
      device: text,
      plane: text,
    },
    request: (args) => {
      const study = args.positionals[0];
      const reference = args.text('reference');
      return {
        target: selector(study, args.required('target')),
        reference: reference === undefined ? undefined : selector(study, reference),
        scale: scaleOf(args),
        model: modelNamed(args.required('model')),
        out: resolve(args.required('out')),
        format: args.text('format') as RequestInput<'enhance'>['format'],
        registration: args.text('registration') as RequestInput<'enhance'>['registration'],
        acceptRegistration: args.flag('accept-registration'),
        device: args.text('device') as RequestInput<'enhance'>['device'],
        plane: args.text('plane') as RequestInput<'enhance'>['plane'],
      };
    },
    print: (result) =>
      [
        describeRegistration(result.registration),
        ...result.warnings.map((warning) => `warning  ${warning.code}: ${warning.message}`),
        `${result.model} on ${result.device}: ${result.output.size.join(' × ')} voxels, ${result.clipped} clipped, ` +
          `${result.seconds.toFixed(1)} s, peak ${Math.round(result.peakMb)} MB`,
        `wrote ${result.output.files.length} file(s) to ${result.output.folder}`,
        'Research use only, not for diagnosis.',
      ].join('\n'),
  }),
  command({
    name: 'degrade',
    operation: 'degrade',
    usage:
      'tandem degrade --input HR.nii.gz --scale 2|4 --out LR.nii.gz [--plane axial|sagittal|coronal] [--json]',
    summary: 'Makes a low-resolution volume by k-space truncation',
    positionals: 0,
    options: { input: text, scale: text, out: text, plane: text },
    request: (args) => ({
      input: resolve(args.required('input')),
      scale: scaleOf(args),
      out: resolve(args.required('out')),
      plane: args.text('plane') as RequestInput<'degrade'>['plane'],
    }),
    print: (result) =>
      `wrote ${result.path}: ${result.size.join(' × ')}, ${formatSpacing(result.spacingMm)} mm`,
  }),
  command({
    name: 'evaluate',
    operation: 'evaluate',
    usage:
      'tandem evaluate CASE --target t2 --reference t1 --scale 2|4 --model ID [--registration rigid|none] ' +
      `[--device auto|${devices}] [--json]`,
    summary:
      'PSNR and SSIM of zero-filling, cubic interpolation and a model on a case with full-resolution truth',
    positionals: 1,
    options: { target: text, reference: text, scale: text, model: text, registration: text, device: text },
    request: (args) => ({
      case: resolve(onePositional(args, 'a case folder')),
      target: args.required('target'),
      reference: args.text('reference'),
      scale: scaleOf(args),
      model: modelNamed(args.required('model')),
      registration: args.text('registration') as RequestInput<'evaluate'>['registration'],
      device: args.text('device') as RequestInput<'evaluate'>['device'],
    }),
    print: (result) =>
      [
        `${result.case}, ×${result.scale}, ${result.slices} slices (inside: 3 pixels within the foreground)`,
        'method                    PSNR    SSIM   inside  SSIM inside',
        ...Object.entries(result.methods).map(
          ([name, quality]) =>
            `${name.padEnd(22)} ${quality.psnr.toFixed(2).padStart(7)} ${quality.ssim.toFixed(4).padStart(7)} ` +
            `${quality.psnrInside.toFixed(2).padStart(8)} ${quality.ssimInside.toFixed(4).padStart(12)}`,
        ),
      ].join('\n'),
  }),
  command({
    name: 'train',
    operation: 'train',
    usage:
      'tandem train --network NAME --scale 2|4 --case DIR [--case DIR …] --steps N --out DIR ' +
      '[--id ID] [--target t2] [--reference t1] [--options JSON] [--batch 2] [--patch 80] [--learning-rate 1e-3] ' +
      '[--loss l1|mse|l1+mse|paper] [--optimizer adam|adamw] [--weight-decay 0.01] [--clip-norm N] [--ema 0.999] ' +
      '[--ema-start 0] [--schedule constant|step|cosine] [--warm-up 100] [--recompute] ' +
      `[--device ${devices}|auto] [--seed 1] [--checkpoint-seconds 120] [--resume] [--measure DIR …] ` +
      '[--licence TEXT] [--notice TEXT …] [--package-version 1.0.0] [--json]',
    summary: 'Trains a network on cases with full-resolution truth and writes a model package',
    whenStopped: 'the step in hand is finished and its state saved; --resume goes on from there',
    positionals: 0,
    options: {
      network: text,
      scale: text,
      case: texts,
      steps: text,
      out: text,
      id: text,
      target: text,
      reference: text,
      options: text,
      batch: text,
      patch: text,
      'learning-rate': text,
      loss: text,
      optimizer: text,
      'weight-decay': text,
      'clip-norm': text,
      ema: text,
      'ema-start': text,
      schedule: text,
      'warm-up': text,
      recompute: flag,
      device: text,
      seed: text,
      'checkpoint-seconds': text,
      measure: texts,
      licence: text,
      notice: texts,
      'package-version': text,
      resume: flag,
    },
    request: (args) => ({
      network: args.required('network'),
      scale: scaleOf(args),
      cases: args.all('case').map((path) => resolve(path)),
      steps: requiredNumber(args, 'steps'),
      out: resolve(args.required('out')),
      id: args.text('id'),
      target: args.text('target'),
      reference: args.text('reference'),
      options: jsonObject(args, 'options'),
      batch: args.number('batch'),
      patch: args.number('patch'),
      learningRate: args.number('learning-rate'),
      loss: args.text('loss') as RequestInput<'train'>['loss'],
      optimizer: args.text('optimizer') as RequestInput<'train'>['optimizer'],
      weightDecay: args.number('weight-decay'),
      clipNorm: args.number('clip-norm'),
      ema: args.number('ema'),
      emaStart: args.number('ema-start'),
      schedule: args.text('schedule') as RequestInput<'train'>['schedule'],
      warmUp: args.number('warm-up'),
      recompute: args.flag('recompute'),
      device: args.text('device') as RequestInput<'train'>['device'],
      seed: args.number('seed'),
      checkpointSeconds: args.number('checkpoint-seconds'),
      measure: args.all('measure').map((path) => resolve(path)),
      licence: args.text('licence'),
      notices: [...args.all('notice')],
      version: args.text('package-version'),
      resume: args.flag('resume'),
    }),
    print: (result) =>
      `wrote ${result.model} to ${result.path}: ${result.steps} steps on ${result.device} in ${Math.round(result.seconds)} s, ` +
      `loss ${result.firstLoss.toPrecision(4)} → ${result.lastLoss.toPrecision(4)}`,
  }),
  command({
    name: 'devices',
    operation: 'devices',
    usage: 'tandem devices [--json]',
    summary: 'What a network can run on here, and why a device that is not here is not',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: ({ devices, automatic }) =>
      [
        ...devices.map(
          ({ device, available, reason, hint }) =>
            `${device.padEnd(8)} ${available ? reason : `unavailable: ${reason}. ${hint ?? ''}`}`,
        ),
        `auto     takes ${automatic.device}: ${automatic.reason}`,
      ].join('\n'),
  }),
  command({
    name: 'models',
    operation: 'models',
    usage: 'tandem models [--json]',
    summary: 'The model packages that are here, and what each was trained on',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: (result) =>
      [
        ...result.models.map(
          (model) =>
            `${model.id.padEnd(20)} ×${model.scale}  ${model.target}${model.reference ? ` ← ${model.reference}` : ''}  ` +
            `${model.network}, ${model.parameters} parameters, ${model.licence}`,
        ),
        ...result.refused.map((file) => `refused  ${file.path}: ${file.code}: ${file.message}`),
      ].join('\n'),
  }),
  command({
    name: 'models import',
    operation: 'modelsImport',
    usage:
      'tandem models import --network NAME --weights FILE.safetensors|FILE.onnx --out DIR [--options JSON] [--scale 2|4] ' +
      '[--id ID] [--target t2] [--reference t1] [--licence TEXT] [--notice TEXT …] [--package-version 1.0.0] [--json]',
    summary: 'Makes a model package of weights that were trained elsewhere',
    positionals: 0,
    options: {
      network: text,
      weights: text,
      out: text,
      options: text,
      scale: text,
      id: text,
      target: text,
      reference: text,
      licence: text,
      notice: texts,
      'package-version': text,
    },
    request: (args) => ({
      network: args.required('network'),
      weights: resolve(args.required('weights')),
      out: resolve(args.required('out')),
      options: jsonObject(args, 'options'),
      scale: args.text('scale') === undefined ? undefined : scaleOf(args),
      id: args.text('id'),
      target: args.text('target') as RequestInput<'modelsImport'>['target'],
      reference: args.text('reference') as RequestInput<'modelsImport'>['reference'],
      licence: args.text('licence'),
      notices: [...args.all('notice')],
      version: args.text('package-version'),
    }),
    print: (result) =>
      `wrote ${result.model} to ${result.path}: ${result.network}, ${result.parameters} parameters`,
  }),
  command({
    name: 'models describe',
    operation: 'modelsDescribe',
    usage:
      'tandem models describe ID|DIR | --network NAME [--options JSON] [--scale 2|4] [--rows 240] [--columns 240] [--json]',
    summary: 'What a network or a model package costs: parameters, operations, memory, operators by device',
    positionals: 1,
    options: { network: text, options: text, scale: text, rows: text, columns: text },
    request: (args) => ({
      model: args.positionals[0] === undefined ? undefined : modelNamed(args.positionals[0]),
      network: args.text('network'),
      options: jsonObject(args, 'options'),
      scale: args.text('scale') === undefined ? undefined : scaleOf(args),
      rows: args.number('rows'),
      columns: args.number('columns'),
    }),
    print: (result) =>
      [
        `${result.network} ×${result.scale}: ${result.description}`,
        `options             ${JSON.stringify(result.options)}`,
        `parameters          ${result.parameters.toLocaleString('en')}`,
        `operations          ${giga(result.multiplyAccumulates.asInPapers)} G multiply-accumulates at ${result.columns} × ${result.rows} as papers count, ${giga(result.multiplyAccumulates.all)} G in all`,
        ...result.multiplyAccumulates.byOperator.map(
          ({ operator, multiplyAccumulates }) => `  ${operator.padEnd(24)} ${giga(multiplyAccumulates)} G`,
        ),
        `memory              about ${Math.round(result.memoryMb)} MB a worker`,
        `sees                the ${result.sees} (tiles overlap by ${result.haloPx} pixels)`,
        `inputs and outputs  ${result.inputs.join(', ')} → ${result.outputs.join(', ')}`,
        ...result.devices.map(
          ({ device, available, whole, operators }) =>
            `${device.padEnd(19)} ${Object.values(operators).reduce((sum, n) => sum + n, 0)} nodes` +
            `${available ? (whole ? ', runs all of them' : ', some fall back to the CPU') : ', not here'}`,
        ),
      ].join('\n'),
  }),
  command({
    name: 'models run',
    operation: 'modelsRun',
    usage:
      'tandem models run ID|DIR --inputs IO.safetensors --out OUT.safetensors [--intermediates] ' +
      `[--device ${devices}|auto] [--json]`,
    summary: 'Runs a model package on raw tensors, to compare it with another implementation',
    positionals: 1,
    options: { inputs: text, out: text, device: text, intermediates: flag },
    request: (args) => ({
      model: modelNamed(onePositional(args, 'a model')),
      inputs: resolve(args.required('inputs')),
      out: resolve(args.required('out')),
      device: args.text('device') as RequestInput<'modelsRun'>['device'],
      intermediates: args.flag('intermediates'),
    }),
    print: (result) =>
      [
        ...result.outputs.map(({ name, shape }) => `${name.padEnd(24)} ${shape.join(' × ')}`),
        `wrote ${result.path} (${result.device}, ${result.seconds.toFixed(2)} s)`,
      ].join('\n'),
  }),
  command({
    name: 'phantom',
    operation: 'phantom',
    usage:
      'tandem phantom --out DIR [--format dicom|nifti] [--contrasts t2,t1,pd,flair] [--matrix 128] ' +
      '[--reference-matrix N] [--reference-slices N] [--reference-thickness MM] ' +
      '[--reference-orientation axial|sagittal|coronal|oblique] [--slices 20] [--thickness MM] [--slice-gap MM] ' +
      '[--orientation axial|sagittal|coronal|oblique] [--noise 0.01] [--seed 1] [--motion-deg X,Y,Z] ' +
      '[--motion-mm X,Y,Z] [--lesions 3] [--gap-after N] [--duplicate N] [--json]',
    summary: 'Writes a digital head phantom as DICOM or NIfTI',
    positionals: 0,
    options: {
      out: text,
      format: text,
      contrasts: text,
      matrix: text,
      'reference-matrix': text,
      'reference-slices': text,
      'reference-thickness': text,
      'reference-orientation': text,
      slices: text,
      thickness: text,
      'slice-gap': text,
      orientation: text,
      noise: text,
      seed: text,
      'motion-deg': text,
      'motion-mm': text,
      lesions: text,
      'gap-after': text,
      duplicate: text,
    },
    request: (args) => ({
      out: resolve(args.required('out')),
      format: args.text('format') as RequestInput<'phantom'>['format'],
      contrasts: args.text('contrasts')?.split(',') as RequestInput<'phantom'>['contrasts'],
      matrix: args.number('matrix'),
      referenceMatrix: args.number('reference-matrix'),
      referenceSlices: args.number('reference-slices'),
      referenceSliceThicknessMm: args.number('reference-thickness'),
      referenceOrientation: args.text(
        'reference-orientation',
      ) as RequestInput<'phantom'>['referenceOrientation'],
      slices: args.number('slices'),
      sliceThicknessMm: args.number('thickness'),
      sliceGapMm: args.number('slice-gap'),
      orientation: args.text('orientation') as RequestInput<'phantom'>['orientation'],
      noise: args.number('noise'),
      seed: args.number('seed'),
      motionDeg: triple(args, 'motion-deg'),
      motionMm: triple(args, 'motion-mm'),
      lesions: args.number('lesions'),
      gapAfter: args.number('gap-after'),
      duplicate: args.number('duplicate'),
    }),
    print: (result) =>
      result.series
        .map((one) => `${one.contrast.padEnd(6)} ${one.size.join(' × ')}  ${one.files} file(s)  ${one.path}`)
        .join('\n'),
  }),
];

/** Names of the operations that a command reaches. */
export const commandOperations: ReadonlySet<OperationName> = new Set(commands.map((one) => one.operation));

function giga(count: number): string {
  return (count / 1e9).toFixed(2);
}

function somePositionals(args: Arguments, what: string): readonly string[] {
  if (args.positionals.length === 0) throw new TandemError('usage', `Name ${what}`, { hint: args.hint });
  return args.positionals;
}

function onePositional(args: Arguments, what: string): string {
  const [first] = args.positionals;
  if (first === undefined) throw new TandemError('usage', `Name ${what}`, { hint: args.hint });
  return first;
}

function selector(study: string | undefined, series: string): SeriesSelector {
  return { paths: study === undefined ? [] : [resolve(study)], series };
}

/** A package's folder as a path, whichever way it is written; anything else is a shipped model's id. */
function modelNamed(idOrFolder: string): string {
  const shipped = basename(idOrFolder) === idOrFolder && existsSync(join(shippedModelsFolder, idOrFolder));
  return !shipped && existsSync(idOrFolder) ? resolve(idOrFolder) : idOrFolder;
}

function optionalPath(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function requiredNumber(args: Arguments, name: string): number {
  args.required(name);
  return args.number(name) ?? 0;
}

function scaleOf(args: Arguments): 2 | 4 {
  const value = args.required('scale');
  if (value === '2' || value === '4') return value === '2' ? 2 : 4;
  throw new TandemError('usage', `--scale is 2 or 4, not “${value}”`);
}

function triple(args: Arguments, name: string): [number, number, number] | undefined {
  const value = args.text(name);
  if (value === undefined) return undefined;
  const [x, y, z, ...more] = value.split(',').map(Number);
  if (
    x === undefined ||
    y === undefined ||
    z === undefined ||
    more.length > 0 ||
    ![x, y, z].every(Number.isFinite)
  ) {
    throw new TandemError('usage', `--${name} takes three numbers X,Y,Z, not “${value}”`);
  }
  return [x, y, z];
}

function jsonObject(args: Arguments, name: string): Record<string, unknown> | undefined {
  const value = args.text(name);
  if (value === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw new TandemError('usage', `--${name} takes a JSON object, not “${value}”`);
}

function formatSpacing(spacingMm: readonly number[]): string {
  return spacingMm.map((mm) => Number(mm.toFixed(3))).join(' × ');
}

function describeStudy(study: StudySummary): string {
  const name = new Map(
    study.series.map((one) => [one.uid, one.number === null ? one.path : String(one.number)]),
  );
  return [
    `study ${study.uid} ${study.description} ${study.date}`.trimEnd(),
    ...study.series.flatMap((one) => [
      `  series ${one.number ?? '–'}  ${one.contrast.name.padEnd(8)} ${one.size.join(' × ')}, ` +
        `${formatSpacing(one.spacingMm)} mm, ${one.orientation}  ${one.description}`,
      `    ${one.contrast.why}`,
      ...one.warnings.map((warning) => `    warning  ${warning.code}: ${warning.message}`),
    ]),
    ...study.pairs.flatMap((pair) => [
      `  pair ${name.get(pair.target)} ← ${name.get(pair.reference)}  (score ${pair.score.toFixed(2)})`,
      ...pair.reasons.map((reason) => `    ${reason}`),
      ...pair.warnings.map((warning) => `    warning  ${warning.code}: ${warning.message}`),
    ]),
  ].join('\n');
}

function describeRegistration(report: RegistrationReport): string {
  const number = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  return (
    `registration ${report.verdict}: mutual information ${number(report.miBefore)} → ${number(report.miAfter)}, ` +
    `${report.rotationDeg.toFixed(2)}°, ${report.translationMm.toFixed(2)} mm, overlap ${(report.overlap * 100).toFixed(0)} %` +
    report.reasons.map((reason) => `\n  ${reason}`).join('')
  );
}
