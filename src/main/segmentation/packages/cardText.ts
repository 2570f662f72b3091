import { elementCount } from '../../../core/graph/shape.ts';
import { segmentationNetworkNamed } from '../../../core/networks/segmentation/index.ts';
import { meanOfKnown } from '../../../core/segmentation/overlap.ts';
import { markdownTable } from '../../models/markdown.ts';
import { span } from '../../models/numbers.ts';
import type { SegmentationCard } from './card.ts';

/** The card of a segmentation model in Markdown, for people: everything in it comes from `model.json`. */
export function renderSegmentationCard(card: SegmentationCard): string {
  const { licence, limits, files } = card;
  return `${[
    `# ${card.id}`,
    `**${card.intendedUse}**`,
    introduction(card),
    '## What it sees and what it answers',
    interfaceOf(card),
    '## What it knows',
    knowledge(card),
    '## What it was measured to do',
    ...measurements(card),
    ...(limits.length === 0 ? [] : ['## Known limits', bullets(limits)]),
    '## How it was trained',
    ...training(card),
    ...(files.length === 0
      ? []
      : [`Also in this package: ${files.map(({ name }) => `[${name}](${name})`).join(', ')}.`]),
    '## Licence',
    [`Weights: ${licence.weights}`, ...licence.notices.map((notice) => `- ${notice}`)].join('\n'),
    `SHA-256 of the weights: \`${card.weights.sha256}\``,
  ].join('\n\n')}\n`;
}

function introduction({ spec, source, version }: SegmentationCard): string {
  const finds = spec.labels.map(({ name }) => name).join(', ');
  if (source.kind === 'onnx') {
    const producer = source.imported.producer === '' ? '' : `, written by ${source.imported.producer}`;
    return `Finds: ${finds}. A model from elsewhere, imported from ${source.imported.file} (ONNX, opset ${source.opset}${producer}). Version ${version}.`;
  }
  const parameters = source.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const stored = source.precision === 'float16' ? ', stored in float16' : '';
  return (
    `Finds: ${finds}. Network: ${source.network}, ${segmentationNetworkNamed(source.network).description}; options ` +
    `${JSON.stringify(source.options)}; ${parameters.toLocaleString('en')} parameters${stored}. Version ${version}.`
  );
}

function interfaceOf({ spec }: SegmentationCard): string {
  const { contrasts, canvas, normalisation, keep } = spec;
  const inputs = contrasts.map(
    ({ name, required }) => `${name.toUpperCase()}${required ? '' : ' (may be missing)'}`,
  );
  const most = keep.mostParts === null ? '' : `, the ${keep.mostParts} largest`;
  return bullets([
    `Contrasts: ${inputs.join(', ')}. Slice by slice on a canvas of ${canvas.size} × ${canvas.size} pixels of ${canvas.pixelMm} mm.`,
    `Values: ${normalisation.kind} over the series, held within ${normalisation.range.join(' and ')}.`,
    `Marked: where the mean probability over ${spec.flips ? 'the image and its three mirror images' : 'the image'} is above ${spec.threshold}; connected parts of at least ${keep.leastMl} ml${most}.`,
  ]);
}

function knowledge({ envelope, spec }: SegmentationCard): string {
  if (envelope === null) {
    return 'What it was trained on is not known: nothing here says on which images it may be used.';
  }
  return bullets([
    `First contrast: ${envelope.first.map((name) => name.toUpperCase()).join(', ')}${
      spec.contrasts.length > 1
        ? `; with ${spec.contrasts
            .slice(1)
            .map(({ name }) => name.toUpperCase())
            .join(', ')}`
        : ''
    }`,
    `In-plane spacing ${span(envelope.spacingMm)} mm, slices ${span(envelope.sliceMm)} mm apart, as the headers say`,
    'Outside these it was never tried. A few scans of a few patients are not a population: other scanners, sequences, ages and diseases are untested.',
  ]);
}

function measurements({ measured, falsePositives }: SegmentationCard): string[] {
  if (measured.length === 0 && falsePositives.length === 0) return ['Not measured.'];
  const parts: string[] = [];
  const unseen = measured.filter(({ trainedOn }) => !trainedOn);
  for (const [image, found] of Map.groupBy(unseen, (one) => one.image)) {
    const mean = (values: readonly (number | null)[], digits: number) =>
      meanOfKnown(values)?.toFixed(digits) ?? '–';
    parts.push(
      `On ${image}, ${found.length} patients that it was never trained on: mean Dice per volume ` +
        `${mean(
          found.map(({ dice }) => dice),
          3,
        )}, per slice ${mean(
          found.map(({ diceSlices }) => diceSlices),
          3,
        )}, ` +
        `95 % Hausdorff distance ${mean(
          found.map(({ hd95Mm }) => hd95Mm),
          1,
        )} mm.`,
    );
  }
  if (measured.length > 0) {
    parts.push(
      markdownTable(
        ['case', 'image', 'Dice', 'Dice a slice', '95 % Hausdorff, mm'],
        measured.map(({ case: name, trainedOn, image, dice, diceSlices, hd95Mm }) => [
          trainedOn ? `${name} †` : name,
          image,
          dice.toFixed(3),
          diceSlices?.toFixed(3) ?? '–',
          hd95Mm?.toFixed(1) ?? '–',
        ]),
      ),
      '† trained on: no evidence for other patients.',
    );
  }
  if (falsePositives.length > 0) {
    parts.push(
      'On scans without a tumour:',
      markdownTable(
        ['case', 'found, ml'],
        falsePositives.map(({ case: name, trainedOn, ml }) => [
          trainedOn ? `${name} †` : name,
          ml.toFixed(2),
        ]),
      ),
    );
  }
  return parts;
}

function training({ training: how }: SegmentationCard): string[] {
  if (how === null) return ['It was not trained here; how it was is not known.'];
  const { cases, validation, settings, steps, keptStep, validationDice, seconds } = how;
  const slices = cases.reduce((sum, one) => sum + one.slices, 0);
  const patients = (of: typeof cases) => new Set(of.map(({ patient }) => patient)).size;
  const chosen =
    validationDice === null
      ? ''
      : ` The weights of step ${keptStep}, best on slices of ${patients(validation)} validation patients ` +
        `(Dice ${validationDice.toFixed(3)} there, a little kinder than for patients nobody has looked at).`;
  const from = how.initialisedFrom;
  return [
    ...(from === undefined ? [] : [`It began with the weights of ${from.id} (SHA-256 \`${from.sha256}\`).`]),
    `${cases.length} scans of ${patients(cases)} patients, ${slices.toLocaleString('en')} slices; ${steps} steps in ` +
      `${Math.round(seconds / 60)} minutes, loss ${how.firstLoss.toPrecision(4)} → ${how.lastLoss.toPrecision(4)}. ${how.software}.${chosen}`,
    `Settings: ${JSON.stringify(settings)}.`,
    `Trained on: ${cases.map(({ name }) => name).join(', ')}. Chosen on: ${validation.map(({ name }) => name).join(', ') || 'none'}.`,
    ...(how.command === undefined ? [] : [`\`\`\`\n${how.command}\n\`\`\``]),
  ];
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
