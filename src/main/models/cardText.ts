import { elementCount } from '../../core/graph/shape.ts';
import { networkNamed } from '../../core/networks/index.ts';
import { CURVES_FILE, type ModelCard } from './card.ts';
import { measurements } from './cardMeasurements.ts';
import { trainingHistory } from './cardTraining.ts';
import { span } from './numbers.ts';

/** The model card in Markdown, for people: everything in it comes from `model.json`. */
export function renderCard(card: ModelCard): string {
  const { contrasts, licence, weights, limits = [], training } = card;
  const parameters = weights.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const stored = weights.precision === 'float16' ? ', stored in float16' : '';
  const guided = contrasts.reference === null ? '' : `, guided by ${contrasts.reference.toUpperCase()}`;
  const dataLicence = training?.data?.licence;
  return `${[
    `# ${card.id}`,
    `**${card.intendedUse}**`,
    `Enhances ${contrasts.target.toUpperCase()} ×${card.scale} in-plane${guided}. Network: ${card.network}, ` +
      `${networkNamed(card.network).description}; options ${JSON.stringify(card.options)}; ` +
      `${parameters.toLocaleString('en')} parameters${stored}. Version ${card.version}.`,
    '## What it knows',
    knowledge(card),
    '## What it was measured to do',
    ...measurements(card),
    ...(limits.length === 0 ? [] : ['## Known limits', bullets(limits)]),
    '## How it was trained',
    ...imported(card),
    ...trainingHistory(training),
    ...furtherFiles(card),
    '## Licence',
    [`Weights: ${licence.weights}`, ...licence.notices.map((notice) => `- ${notice}`)].join('\n'),
    ...(dataLicence === undefined ? [] : [`Data: ${dataLicence}`]),
    `SHA-256 of the weights: \`${weights.sha256}\``,
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

function imported({ imported: from }: ModelCard): string[] {
  if (from === undefined) return [];
  return [`The weights were imported from ${from.file} (${from.bytes} bytes, SHA-256 \`${from.sha256}\`).`];
}

/** The curves are shown, what else the package holds is pointed to. */
function furtherFiles({ files = [] }: ModelCard): string[] {
  const others = files.filter(({ name }) => name !== CURVES_FILE);
  return [
    ...(others.length < files.length ? [`![curves](${CURVES_FILE})`] : []),
    ...(others.length === 0
      ? []
      : [`Also in this package: ${others.map(({ name }) => `[${name}](${name})`).join(', ')}.`]),
  ];
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function list(contrasts: readonly string[]): string {
  return contrasts.map((name) => name.toUpperCase()).join(', ') || 'none';
}
