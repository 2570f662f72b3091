import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { segmentsFile } from '../../../../core/contract/companions.ts';
import type { RequestInput, Result } from '../../../../core/contract/operations.ts';
import { TandemError } from '../../../../core/errors.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { deidentificationOf, deidentifyingOptions, deidentifyingUsage } from '../deidentifyParts.ts';
import { selector, text } from '../requestParts.ts';
import { describeChecked } from '../validationWords.ts';
import { counted } from '../words.ts';

type Segments = Extract<RequestInput<'exportCompanion'>, { kind: 'segmentation' }>['segments'];

/** Objects that stand beside a series. */
export const companionCommands: readonly Command[] = [
  command({
    name: 'export segmentation',
    operation: 'exportCompanion',
    usage:
      'tandem export segmentation [STUDY] --series S --labels L.nii.gz|SEG.dcm ' +
      '[--segments 1=necrosis,2=edema|FILE.json] --out X.dcm ' +
      `${deidentifyingUsage} [--json]`,
    summary: 'Writes a labelmap as DICOM Segmentation on a series',
    positionals: 1,
    options: { series: text, labels: text, segments: text, out: text, ...deidentifyingOptions },
    request: (args) => ({
      kind: 'segmentation',
      series: selector(args.positionals[0], args.required('series')),
      labels: resolve(args.required('labels')),
      segments: segmentsOf(args),
      out: resolve(args.required('out')),
      deidentify: deidentificationOf(args),
    }),
    print,
  }),
  command({
    name: 'export map',
    operation: 'exportCompanion',
    usage:
      'tandem export map [STUDY] --series S --values M.nii.gz --quantity NAME [--units UCUM] --out X.dcm ' +
      `${deidentifyingUsage} [--json]`,
    summary: 'Writes a volume of real numbers as DICOM Parametric Map on a series',
    positionals: 1,
    options: { series: text, values: text, quantity: text, units: text, out: text, ...deidentifyingOptions },
    request: (args) => ({
      kind: 'parametric-map',
      series: selector(args.positionals[0], args.required('series')),
      values: resolve(args.required('values')),
      quantity: args.required('quantity'),
      units: args.text('units'),
      out: resolve(args.required('out')),
      deidentify: deidentificationOf(args),
    }),
    print,
  }),
  command({
    name: 'export registration',
    operation: 'exportCompanion',
    usage:
      'tandem export registration [STUDY] --target T --reference R --transform X.tfm --out X.dcm ' +
      `${deidentifyingUsage} [--json]`,
    summary: 'Writes the transform of `tandem register` as DICOM Spatial Registration',
    positionals: 1,
    options: { target: text, reference: text, transform: text, out: text, ...deidentifyingOptions },
    request: (args) => ({
      kind: 'spatial-registration',
      target: selector(args.positionals[0], args.required('target')),
      reference: selector(args.positionals[0], args.required('reference')),
      transform: resolve(args.required('transform')),
      out: resolve(args.required('out')),
      deidentify: deidentificationOf(args),
    }),
    print,
  }),
  command({
    name: 'export report',
    operation: 'exportCompanion',
    usage:
      'tandem export report [STUDY] --series S --measurements M.json --out X.dcm ' +
      `${deidentifyingUsage} [--json]`,
    summary: 'Writes measurements as DICOM structured report (TID 1500)',
    positionals: 1,
    options: { series: text, measurements: text, out: text, ...deidentifyingOptions },
    request: (args) => ({
      kind: 'measurement-report',
      series: selector(args.positionals[0], args.required('series')),
      measurements: resolve(args.required('measurements')),
      out: resolve(args.required('out')),
      deidentify: deidentificationOf(args),
    }),
    print,
  }),
];

/** `1=necrosis,2=edema`, or a JSON file of segments. Throws `usage`. */
function segmentsOf(args: Arguments): Segments | undefined {
  const asked = args.text('segments');
  if (asked === undefined) return undefined;
  const pairs = asked.split(',').map((one) => /^(\d+)=([a-z-]+)$/.exec(one.trim()));
  if (pairs.every((pair) => pair !== null)) {
    return pairs.map((pair) => ({ value: Number(pair[1]), meaning: pair[2]! }));
  }
  try {
    return segmentsFile.parse(JSON.parse(readFileSync(resolve(asked), 'utf8')));
  } catch (cause) {
    throw new TandemError('usage', '--segments takes VALUE=NAME pairs, or a JSON file of segments', {
      path: resolve(asked),
      hint: args.hint,
      cause,
    });
  }
}

function print(result: Result<'exportCompanion'>): string {
  const frames = result.frames === null ? '' : `, ${counted(result.frames, 'frame')}`;
  return [
    `wrote ${result.path}: ${result.kind}${frames}`,
    ...describeChecked(result.validation),
    'Research use only, not for diagnosis.',
  ].join('\n');
}
