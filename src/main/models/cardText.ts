import { elementCount } from '../../core/graph/shape.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { Measurement, ModelCard } from './card.ts';

/** The model card in Markdown, for people: everything in it comes from `model.json`. */
export function renderCard(card: ModelCard): string {
  const { contrasts, licence } = card;
  const parameters = card.weights.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const guided = contrasts.reference === null ? '' : `, guided by ${contrasts.reference.toUpperCase()}`;
  return `${[
    `# ${card.id}`,
    `**${card.intendedUse}**`,
    `Enhances ${contrasts.target.toUpperCase()} ×${card.scale} in-plane${guided}. Network: ${card.network}, ` +
      `${networkNamed(card.network).description}; options ${JSON.stringify(card.options)}; ` +
      `${parameters.toLocaleString('en')} parameters. Version ${card.version}.`,
    '## What it knows',
    knowledge(card),
    '## What it was measured to do',
    card.measured.length === 0 ? 'Not measured.' : card.measured.map(measurementTable).join('\n\n'),
    'PSNR in dB and SSIM, per volume; *inside*: at least 3 pixels within the foreground of each slice. Only ' +
      'the numbers inside count: on skull-stripped volumes a network earns decibels by blackening the background.',
    '## How it was trained',
    ...history(card),
    '## Licence',
    [`Weights: ${licence.weights}`, ...licence.notices.map((notice) => `- ${notice}`)].join('\n'),
    `SHA-256 of the weights: \`${card.weights.sha256}\``,
  ].join('\n\n')}\n`;
}

function knowledge({ contrasts, envelope }: ModelCard): string {
  if (envelope === null) {
    return 'What these weights were trained on is not known: nothing here says on which images they may be used.';
  }
  return [
    `- Contrasts: target ${list(envelope.target)}${contrasts.reference === null ? '' : `, reference ${list(envelope.reference)}`}`,
    `- Enhanced in-plane spacing: ${span(envelope.spacingMm)} mm; enhanced matrix: ${span(envelope.matrix)}; slice thickness: ${span(envelope.sliceThicknessMm)} mm`,
    '- Outside these it was never tried. A few scans of a few patients are not a population: other scanners, ' +
      'field strengths, sequences, ages and diseases are untested.',
  ].join('\n');
}

/** How the weights came to be. */
function history({ training, imported }: ModelCard): string[] {
  const parts: string[] = [];
  if (imported !== undefined) {
    parts.push(
      `The weights were imported from ${imported.file} (${imported.bytes} bytes, SHA-256 \`${imported.sha256}\`).`,
    );
  }
  if (training === null) return [...parts, 'They were not trained here; how they were is not known.'];
  return [
    ...parts,
    table(
      ['case', 'slices', 'matrix', 'spacing mm', 'thickness mm', 'files (SHA-256)'],
      training.cases.map((item) => [
        item.name,
        `${item.slices}`,
        `${item.columns} × ${item.rows}`,
        span(item.spacingMm),
        number(item.sliceThicknessMm),
        item.files.map(({ name, sha256 }) => `${name} ${sha256.slice(0, 12)}…`).join(', '),
      ]),
    ),
    `${training.degradation} ${training.loss} ${training.optimizer} ${training.schedule} ` +
      `Patches of ${training.patch} × ${training.patch}, ${training.batch} a step, ${training.steps} steps, ` +
      `learning rate ${training.learningRate}, seed ${training.seed}. ` +
      `Loss ${training.firstLoss.toPrecision(4)} → ${training.lastLoss.toPrecision(4)} ` +
      `in ${Math.round(training.seconds / 60)} minutes. ${training.software}.`,
    `Varied at random: turned and mirrored, ${JSON.stringify(training.augmentation)}.`,
  ];
}

function measurementTable({ case: name, trainedOn, scale, slices, methods }: Measurement): string {
  const split = trainedOn ? '**trained on**: no evidence for other patients' : 'never trained on';
  return `${name} (${split}), ×${scale}, ${slices} slices:\n\n${table(
    ['method', 'PSNR', 'SSIM', 'PSNR inside', 'SSIM inside'],
    Object.entries(methods).map(([method, quality]) => [
      method,
      quality.psnr.toFixed(2),
      quality.ssim.toFixed(4),
      quality.psnrInside.toFixed(2),
      quality.ssimInside.toFixed(4),
    ]),
  )}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function span([low, high]: readonly [number, number]): string {
  return number(low) === number(high) ? number(low) : `${number(low)} to ${number(high)}`;
}

function number(value: number): string {
  return `${Number(value.toFixed(2))}`;
}

function list(contrasts: readonly string[]): string {
  return contrasts.map((name) => name.toUpperCase()).join(', ') || 'none';
}
