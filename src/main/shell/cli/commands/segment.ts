import { resolve } from 'node:path';
import type { RequestInput, Result } from '../../../../core/contract/operations.ts';
import { type Arguments, type Command, command } from '../command.ts';
import { deidentificationOf, deidentifyingOptions, deidentifyingUsage } from '../deidentifyParts.ts';
import {
  devices,
  flag,
  modelNamed,
  onePositional,
  optionalPath,
  selector,
  text,
  transformFile,
} from '../requestParts.ts';
import { describeChecked } from '../validationWords.ts';
import { counted, describeRegistration } from '../words.ts';

type Segment = RequestInput<'segment'>;

/** A preview of a contour, and the models that find it. */
export const segmentCommands: readonly Command[] = [
  command({
    name: 'segment',
    operation: 'segment',
    usage:
      'tandem segment SERIES | STUDY --series S --model ID [--reference R] [--out DIR] [--format dicom-seg|nifti] ' +
      `[--registration auto|rigid|none] [--transform X.tfm] [--accept-registration] [--device auto|${devices}] ` +
      `${deidentifyingUsage} [--json]`,
    summary: 'Finds a tumour’s outline in a FLAIR (and T1) series: a research-use preview',
    positionals: 1,
    options: {
      series: text,
      reference: text,
      model: text,
      out: text,
      format: text,
      registration: text,
      transform: text,
      'accept-registration': flag,
      device: text,
      ...deidentifyingOptions,
    },
    request: (args) => ({
      image: { kind: 'series', series: seriesOf(args) },
      reference: referenceOf(args),
      model: modelNamed(args.required('model')),
      out: optionalPath(args.text('out')),
      format: args.text('format') as Segment['format'],
      registration: args.text('registration') as Segment['registration'],
      alignment: transformFile(args, 'transform'),
      acceptRegistration: args.flag('accept-registration'),
      device: args.text('device') as Segment['device'],
      deidentify: deidentificationOf(args),
    }),
    print: describe,
  }),
  command({
    name: 'segment models',
    operation: 'segmentationModels',
    usage: 'tandem segment models [--json]',
    summary: 'Lists the segmentation models, checked',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: ({ models, refused }) =>
      [
        ...models.map(
          ({ id, version, state, network, contrasts, labels, bytes, dice, chosenDice }) =>
            `${id} ${version} (${state})  ${network}, ${contrasts.map(({ name, required }) => (required ? name : `[${name}]`)).join(' + ')} → ` +
            `${labels.map(({ name }) => name).join(', ')}, ${(bytes / 1e6).toFixed(1)} MB` +
            (dice === null ? '' : `, Dice ${dice.toFixed(3)} on patients it never saw`) +
            (chosenDice === null
              ? ''
              : `, Dice ${chosenDice.toFixed(3)} on those its weights were chosen on`),
        ),
        ...refused.map(({ path, code, message }) => `refused ${path}: ${code}: ${message}`),
        ...(models.length === 0 && refused.length === 0 ? ['There are no segmentation models here.'] : []),
      ].join('\n'),
  }),
  command({
    name: 'segment import',
    operation: 'segmentationImport',
    usage: 'tandem segment import MODEL.onnx --description D.json [--id ID] [--out DIR] [--json]',
    summary: 'Takes in a segmentation model from elsewhere, checked against its description',
    positionals: 1,
    options: { description: text, id: text, out: text },
    request: (args) => ({
      onnx: resolve(onePositional(args, 'an ONNX file')),
      description: resolve(args.required('description')),
      id: args.text('id'),
      out: optionalPath(args.text('out')),
    }),
    print: ({ model, path, opset, bytes, secondsPerImage, warnings }) =>
      [
        `wrote ${model} to ${path}: opset ${opset}, ${(bytes / 1e6).toFixed(1)} MB, ${secondsPerImage.toFixed(2)} s an image`,
        ...warnings.map(({ code, message }) => `warning  ${code}: ${message}`),
      ].join('\n'),
  }),
];

/** The series that the first argument is, or a series of the study that it is. */
function seriesOf(args: Arguments) {
  const path = onePositional(args, 'a series (a folder or a file), or a study with --series');
  const series = args.text('series');
  return series === undefined ? selector(undefined, resolve(path)) : selector(path, series);
}

function referenceOf(args: Arguments) {
  const reference = args.text('reference');
  if (reference === undefined) return undefined;
  const study = args.text('series') === undefined ? undefined : args.positionals[0];
  return study === undefined ? selector(undefined, resolve(reference)) : selector(study, reference);
}

function describe(result: Result<'segment'>): string {
  const { labels, parts, nothingFound, contrasts, output } = result;
  const without = contrasts.missing.length === 0 ? '' : `, without ${contrasts.missing.join(', ')}`;
  return [
    `${result.model} (${result.modelState}) on ${result.device}, given ${contrasts.given.join(', ')}${without}; ` +
      `${result.looked} of ${result.images} images looked at in ${result.seconds.toFixed(1)} s`,
    ...(nothingFound
      ? [`nothing found (highest probability ${result.highestProbability.toFixed(2)})`]
      : labels.map(
          ({ name, ml, parts: count, confidence }) =>
            `${name}: ${ml.toFixed(2)} ml in ${counted(count, 'part')}` +
            (confidence === null
              ? ''
              : `, confidence ${confidence.toFixed(2)} (agreement of mirrored images)`),
        )),
    ...parts.map(
      ({ label, ml, confidence, slice }) =>
        `  label ${label}  ${ml.toFixed(2)} ml around slice ${slice}${confidence === null ? '' : `, confidence ${confidence.toFixed(2)}`}`,
    ),
    ...(result.registration === null ? [] : [describeRegistration(result.registration)]),
    ...(output === null ? [] : output.files.map((file) => `wrote ${file}`)),
    ...(result.validation === null ? [] : describeChecked(result.validation)),
    ...result.warnings.map(({ code, message }) => `warning  ${code}: ${message}`),
    result.notice,
  ].join('\n');
}
