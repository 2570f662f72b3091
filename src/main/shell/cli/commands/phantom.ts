import { resolve } from 'node:path';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { type Command, command } from '../command.ts';
import { text, triple } from '../requestParts.ts';
import { counted } from '../words.ts';

/** Test data of the project’s own. */
export const phantomCommands: readonly Command[] = [
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
        .map(
          (one) =>
            `${one.contrast.padEnd(6)} ${one.size.join(' × ')}  ${counted(one.files, 'file')}  ${one.path}`,
        )
        .join('\n'),
  }),
];
