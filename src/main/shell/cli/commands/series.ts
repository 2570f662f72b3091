import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { type Command, command } from '../command.ts';
import { deidentificationOf, deidentifyingOptions, deidentifyingUsage } from '../deidentifyParts.ts';
import {
  devices,
  flag,
  modelNamed,
  onePositional,
  optionalPath,
  scaleOf,
  selector,
  somePositionals,
  text,
  transformFile,
} from '../requestParts.ts';
import { describeChecked } from '../validationWords.ts';
import { counted, describeRegistration, describeStudy, formatSpacing } from '../words.ts';

/** Series in, series out. */
export const seriesCommands: readonly Command[] = [
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
    usage:
      'tandem register --fixed F --moving M --out transform.tfm [--start X.tfm] [--resampled OUT.nii.gz] [--json]',
    summary: 'Rigid registration of one series onto another, with a verdict',
    positionals: 0,
    options: { fixed: text, moving: text, out: text, start: text, resampled: text },
    request: (args) => ({
      fixed: selector(undefined, args.required('fixed')),
      moving: selector(undefined, args.required('moving')),
      out: resolve(args.required('out')),
      start: transformFile(args, 'start'),
      resampled: optionalPath(args.text('resampled')),
    }),
    print: (result) => `${describeRegistration(result.registration)}\nwrote ${result.transform}`,
  }),
  command({
    name: 'enhance',
    operation: 'enhance',
    usage:
      'tandem enhance [STUDY] --target T [--reference R] --scale 2|4 --model ID --out DIR [--format dicom|nifti] ' +
      `[--as source|classic|enhanced] [--registration rigid|none | --transform X.tfm] [--accept-registration] [--device auto|${devices}] ` +
      `[--plane axial|sagittal|coronal] [--with registration] ${deidentifyingUsage} [--json]`,
    summary: 'Enhances a target series with the help of its reference and writes the enhanced series',
    positionals: 1,
    options: {
      target: text,
      reference: text,
      scale: text,
      model: text,
      out: text,
      format: text,
      as: text,
      registration: text,
      transform: text,
      'accept-registration': flag,
      device: text,
      plane: text,
      with: text,
      ...deidentifyingOptions,
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
        as: args.text('as') as RequestInput<'enhance'>['as'],
        registration: args.text('registration') as RequestInput<'enhance'>['registration'],
        alignment: transformFile(args, 'transform'),
        acceptRegistration: args.flag('accept-registration'),
        device: args.text('device') as RequestInput<'enhance'>['device'],
        plane: args.text('plane') as RequestInput<'enhance'>['plane'],
        deidentify: deidentificationOf(args),
        companions: args.text('with')?.split(',') as RequestInput<'enhance'>['companions'],
      };
    },
    print: (result) =>
      [
        describeRegistration(result.registration),
        ...result.warnings.map((warning) => `warning  ${warning.code}: ${warning.message}`),
        `${result.model} on ${result.device}: ${result.output.size.join(' × ')} voxels, ${result.clipped} clipped, ` +
          `${result.seconds.toFixed(1)} s, peak ${Math.round(result.peakMb)} MB`,
        `wrote ${counted(result.output.files.length + result.output.companions.length, 'file')} to ${result.output.folder}`,
        ...describeChecked(result.validation),
        'Research use only, not for diagnosis.',
      ].join('\n'),
  }),
  command({
    name: 'convert',
    operation: 'convert',
    usage: 'tandem convert SERIES --out X.nii.gz [--series UID-or-number] [--json]',
    summary:
      'Writes a DICOM series (a file, folder, DICOMDIR or ZIP) as NIfTI; volumes that repeat each other in one file',
    positionals: 1,
    options: { out: text, series: text },
    request: (args) => ({
      input: resolve(onePositional(args, 'a file or folder')),
      series: args.text('series'),
      out: resolve(args.required('out')),
    }),
    print: (result) =>
      [
        ...[...Map.groupBy(result.volumes, ({ path }) => path).values()].flatMap((volumes) => {
          const one = volumes[0]!;
          const size = volumes.length === 1 ? one.size : [...one.size, volumes.length];
          return [
            `wrote ${one.path}: ${size.join(' × ')}, ${formatSpacing(one.spacingMm)} mm, ${one.dataType}  ${one.description}`,
            ...one.warnings.map((warning) => `  warning  ${warning.code}: ${warning.message}`),
          ];
        }),
        ...result.refused.map((one) => `refused  ${one.uid}: ${one.code}: ${one.message}`),
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
];
