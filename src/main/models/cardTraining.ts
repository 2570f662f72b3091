import type { ModelCard } from './card.ts';
import { markdownTable } from './markdown.ts';
import { number, span } from './numbers.ts';

type Training = NonNullable<ModelCard['training']>;

/** How the weights came to be, in Markdown, one item a paragraph. */
export function trainingHistory(training: ModelCard['training']): string[] {
  if (training === null) return ['They were not trained here; how they were is not known.'];
  const { data, initialisedFrom: start, selection, precision } = training;
  const computed = precision === undefined ? '' : ` Computed in ${precision}.`;
  return [
    ...(data === undefined ? [] : [preparedData(data)]),
    ...(start === undefined
      ? []
      : [
          `It began with the weights of ${start.id} (SHA-256 \`${start.sha256}\`)${anew(start.startedAnew)}.`,
        ]),
    casesTable(training.cases),
    `${training.degradation} ${training.loss} ${training.optimizer} ${training.schedule} ` +
      `Patches of ${training.patch} × ${training.patch}, ${training.batch} a step, ${training.steps} steps, ` +
      `learning rate ${training.learningRate}, seed ${training.seed}.${computed} ` +
      `Loss ${training.firstLoss.toPrecision(4)} → ${training.lastLoss.toPrecision(4)} ` +
      `in ${duration(training.seconds)}. ${training.software}.`,
    ...(selection === undefined ? [] : [selection]),
    `Varied at random: turned and mirrored, ${JSON.stringify(training.augmentation)}.`,
  ];
}

/** Tensors that the weights to begin with had not. */
function anew(paths: readonly string[] = []): string {
  return paths.length === 0 ? '' : `, but for ${paths.join(', ')}, which began anew`;
}

function preparedData({ name, manifestSha256, split }: NonNullable<Training['data']>): string {
  const patients = (what: string, names: readonly string[]) =>
    `- ${what}: ${names.length === 0 ? 'none' : `${names.length} (${names.join(', ')})`}`;
  return [
    `Data: ${name} (SHA-256 of its manifest \`${manifestSha256}\`), split by patient:`,
    '',
    patients('trained on', split.train),
    patients('validated on while training', split.validation),
    patients('kept aside', split.test),
  ].join('\n');
}

/** Patients and registration have a column where any case has them. */
function casesTable(cases: Training['cases']): string {
  const columns: [string, (item: Training['cases'][number]) => string][] = [
    ['case', (item) => item.name],
    ['patient', (item) => item.patient ?? ''],
    ['slices', (item) => `${item.slices}`],
    ['matrix', (item) => `${item.columns} × ${item.rows}`],
    ['spacing mm', (item) => span(item.spacingMm)],
    ['thickness mm', (item) => number(item.sliceThicknessMm)],
    ['registration', (item) => item.registration ?? ''],
    ['files (SHA-256)', (item) => item.files.map(fileHash).join(', ')],
  ];
  const optional = new Set(['patient', 'registration']);
  const shown = columns.filter(
    ([head, cell]) => !optional.has(head) || cases.some((item) => cell(item) !== ''),
  );
  return markdownTable(
    shown.map(([head]) => head),
    cases.map((item) => shown.map(([, cell]) => cell(item))),
  );
}

function fileHash({ name, sha256 }: Training['cases'][number]['files'][number]): string {
  return `${name} ${sha256.slice(0, 12)}…`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
}
