import { type Axis, linearAxis, logAxis } from './chartAxis.ts';
import { escapeMarkup } from './markup.ts';
import type { TrainingRecord } from './trainingLog.ts';

const WIDTH = 860;
const HEIGHT = 420;
const TOP = 102;
const BOTTOM = 352;
/** Left and right edges of the two panels: room for an axis on both sides of the first. */
const PANELS = { training: [72, 392], validation: [500, 838] } as const;

/** Of the palette of Okabe and Ito, told apart whatever the colour vision; the strokes differ too. */
const COLOURS = { loss: '#0072b2', learningRate: '#d55e00', inside: '#0072b2', all: '#d55e00' } as const;
const INK = '#1c1c1c';
const FAINT = '#5f5f5f';
const GRID = '#e4e4e4';

/** More points than this are hard to tell from a band: they are drawn as one, with their means. */
const MOST_POINTS = 160;
const LONGEST_TITLE = 80;

/**
 * The course of a training as one SVG picture of 860 × 420: on the left the loss (logarithmic; linear where it is
 * not positive) and the learning rate, on the right the gain over zero-filling on the validation patients in dB,
 * inside the foreground and in all, with the best inside marked. Values that are not finite are left out; where
 * nothing is left a panel says so.
 *
 * @param records by rising step
 */
export function curvesSvg(records: readonly TrainingRecord[], title: string): string {
  const steps = [0, ...records.map(({ step }) => step)];
  const cut = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="12" fill="${INK}">
<title>${escapeMarkup(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text(PANELS.training[0], 30, cut, 'font-size="16" font-weight="600"')}
${trainingPanel(records, steps)}
${validationPanel(records, steps)}
${text(WIDTH - 22, HEIGHT - 12, 'Research use only. Not for diagnosis.', `text-anchor="end" font-size="11" fill="${FAINT}"`)}
</svg>
`;
}

function stepAxis(steps: readonly number[], left: number, right: number): Axis {
  const axis = linearAxis(steps, [left, right], { most: 5, ends: 'values', whole: true });
  return steps.length > 1 ? axis : { ...axis, ticks: [] };
}

/** A value at a step. */
type Point = readonly [step: number, value: number];

function trainingPanel(records: readonly TrainingRecord[], steps: readonly number[]): string {
  const [left, right] = PANELS.training;
  const losses = finite(records.map(({ step, loss }) => [step, loss]));
  const rates = finite(records.map(({ step, learningRate }) => [step, learningRate]));
  const across = stepAxis(steps, left, right);
  const logarithmic = losses.every(([, value]) => value > 0);
  const values = losses.map(([, value]) => value);
  const lossAxis = logarithmic
    ? logAxis(values, [BOTTOM, TOP])
    : linearAxis(values, [BOTTOM, TOP], { most: 5, ends: 'ticks' });
  const rateAxis = linearAxis([0, ...rates.map(([, value]) => value)], [BOTTOM, TOP], {
    most: 5,
    ends: 'ticks',
  });
  const bins = binned(losses);
  return [
    '<g class="training">',
    heading(left, 'Training'),
    frame(left, right, across, losses.length === 0 ? undefined : lossAxis),
    ...(rates.length === 0 ? [] : [rightTicks(right, rateAxis)]),
    legend(left, `loss${logarithmic ? ' (logarithmic)' : ''}, left`, COLOURS.loss),
    legend(left + 186, 'learning rate, right', COLOURS.learningRate, RATE_DASHES),
    ...(losses.length === 0 ? [nothingYet(left, right, 'No steps yet')] : []),
    line('learning-rate', binned(rates).map(toLast), across, rateAxis, COLOURS.learningRate, RATE_DASHES),
    ...(losses.length > MOST_POINTS ? [band(bins, across, lossAxis)] : []),
    line('loss', bins.map(toMean), across, lossAxis, COLOURS.loss),
    ...(rates.length === 1 ? dots('learning-rate', rates, across, rateAxis, COLOURS.learningRate) : []),
    ...(losses.length === 1 ? dots('loss', losses, across, lossAxis, COLOURS.loss) : []),
    '</g>',
  ].join('\n');
}

function validationPanel(records: readonly TrainingRecord[], steps: readonly number[]): string {
  const [left, right] = PANELS.validation;
  const validated = records.flatMap(({ step, validation }) => (validation ? [{ step, ...validation }] : []));
  const inside = finite(validated.map(({ step, gainInside }) => [step, gainInside]));
  const all = finite(validated.map(({ step, gain }) => [step, gain]));
  const across = stepAxis(steps, left, right);
  const shown = [...inside, ...all].map(([, value]) => value);
  const up = linearAxis([0, ...shown], [BOTTOM, TOP], { most: 6, ends: 'ticks' });
  const best = inside.reduce<Point | undefined>(
    (found, point) => (found && found[1] >= point[1] ? found : point),
    undefined,
  );
  return [
    '<g class="validation">',
    heading(left, 'Validation: gain over zero-filling, dB'),
    frame(left, right, across, shown.length === 0 ? undefined : up),
    legend(left, 'inside', COLOURS.inside),
    legend(left + 84, 'in all', COLOURS.all, ALL_DASHES),
    ...(best ? [bestMark(left + 170, best, across, up)] : []),
    ...(shown.length === 0
      ? [nothingYet(left, right, 'Not validated yet')]
      : [zeroLine(left, right, up.position(0))]),
    line('all', all, across, up, COLOURS.all, ALL_DASHES),
    ...(all.length <= MOST_DOTS ? dots('all', all, across, up, COLOURS.all) : []),
    line('inside', inside, across, up, COLOURS.inside),
    ...(inside.length <= MOST_DOTS ? dots('inside', inside, across, up, COLOURS.inside) : []),
    '</g>',
  ].join('\n');
}

const RATE_DASHES = '7 4';
const ALL_DASHES = '3 3';
const MOST_DOTS = 60;

/** The panel's edges, its grid, the steps below it and the values left of it. */
function frame(left: number, right: number, across: Axis, up: Axis | undefined): string {
  const rows = (up?.ticks ?? []).flatMap(({ value, label }) => {
    const y = up!.position(value);
    return [
      stroke(left, y, right, y, GRID),
      text(left - 8, y + 4, label, `class="tick" text-anchor="end" fill="${FAINT}"`),
    ];
  });
  const columns = across.ticks.flatMap(({ value, label }) => {
    const x = across.position(value);
    return [
      stroke(x, BOTTOM, x, BOTTOM + 5, FAINT),
      text(x, BOTTOM + 20, label, `class="tick" text-anchor="middle" fill="${FAINT}"`),
    ];
  });
  return [
    ...rows,
    ...columns,
    `<rect class="plot" x="${left}" y="${TOP}" width="${right - left}" height="${BOTTOM - TOP}" fill="none" stroke="#9a9a9a"/>`,
    text((left + right) / 2, BOTTOM + 38, 'step', `text-anchor="middle" fill="${FAINT}"`),
  ].join('\n');
}

function rightTicks(right: number, axis: Axis): string {
  return axis.ticks
    .map(({ value, label }) => {
      const y = axis.position(value);
      return `${stroke(right, y, right + 5, y, FAINT)}\n${text(right + 9, y + 4, label, `class="tick" fill="${FAINT}"`)}`;
    })
    .join('\n');
}

function heading(x: number, label: string): string {
  return text(x, TOP - 38, label, `font-weight="600" fill="${FAINT}"`);
}

function legend(x: number, label: string, colour: string, dashes = ''): string {
  const y = TOP - 16;
  return `<path class="legend" d="M${x} ${y}h26" ${lineStyle(colour, dashes)}/>\n${text(x + 33, y + 4, label)}`;
}

/** Its label is below it, where there is room: most gains are above. */
function zeroLine(left: number, right: number, y: number): string {
  const halo = 'stroke="#ffffff" stroke-width="4" paint-order="stroke"';
  return `${stroke(left, y, right, y, FAINT)}\n${text(right - 6, y + (BOTTOM - y > 20 ? 14 : -6), 'zero-filling', `text-anchor="end" font-size="11" fill="${FAINT}" ${halo}`)}`;
}

/** A ring around the best point, and in the legend what it is. */
function bestMark(legendX: number, [step, gain]: Point, across: Axis, up: Axis): string {
  const x = across.position(step);
  const label = `best ${gain.toFixed(2).replace('-', '−')} at step ${step.toLocaleString('en')}`;
  const ring = `fill="none" stroke="${INK}" stroke-width="1.5"`;
  return [
    `<path d="M${at(x)} ${TOP}V${BOTTOM}" stroke="${FAINT}" stroke-dasharray="2 4" fill="none"/>`,
    `<circle class="best" cx="${at(x)}" cy="${at(up.position(gain))}" r="7" ${ring}/>`,
    `<circle cx="${legendX}" cy="${TOP - 16}" r="5.5" ${ring}/>`,
    text(legendX + 12, TOP - 12, label, 'class="best"'),
  ].join('\n');
}

function nothingYet(left: number, right: number, label: string): string {
  return text(
    (left + right) / 2,
    (TOP + BOTTOM) / 2,
    label,
    `class="nothing" text-anchor="middle" fill="${FAINT}"`,
  );
}

function line(
  name: string,
  points: readonly Point[],
  across: Axis,
  up: Axis,
  colour: string,
  dashes = '',
): string {
  const path = points.map(([x, y]) => `${at(across.position(x))},${at(up.position(y))}`).join(' ');
  return `<polyline class="curve ${name}" points="${path}" ${lineStyle(colour, dashes)}/>`;
}

function dots(name: string, points: readonly Point[], across: Axis, up: Axis, colour: string): string[] {
  return points.map(
    ([x, y]) =>
      `<circle class="${name}" cx="${at(across.position(x))}" cy="${at(up.position(y))}" r="2.6" fill="${colour}"/>`,
  );
}

/** From the least to the greatest loss of each bin, there and back. */
function band(bins: readonly Bin[], across: Axis, up: Axis): string {
  const edge = (pick: (bin: Bin) => number) =>
    bins.map((bin) => `${at(across.position(bin.step))},${at(up.position(pick(bin)))}`);
  const path = [...edge(({ least }) => least), ...edge(({ greatest }) => greatest).reverse()].join(' ');
  return `<polygon class="band" points="${path}" fill="${COLOURS.loss}" fill-opacity="0.18"/>`;
}

/** Neighbouring points, as many as share a place in the picture. */
interface Bin {
  readonly step: number;
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
  readonly last: number;
}

/** At most `MOST_POINTS` bins of as many points each, in order; the last bin ends with the last point. */
function binned(points: readonly Point[]): Bin[] {
  const count = Math.min(points.length, MOST_POINTS);
  return Array.from({ length: count }, (_, n) => {
    const part = points.slice(
      Math.floor((n * points.length) / count),
      Math.floor(((n + 1) * points.length) / count),
    );
    const values = part.map(([, value]) => value);
    const last = part.at(-1)!;
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const [least, greatest] = [Math.min(...values), Math.max(...values)];
    return {
      step: last[0],
      // Rounding must not carry a mean out of the band.
      mean: Math.min(Math.max(mean, least), greatest),
      least,
      greatest,
      last: last[1],
    };
  });
}

const toMean = ({ step, mean }: Bin): Point => [step, mean];
const toLast = ({ step, last }: Bin): Point => [step, last];

function finite(points: readonly Point[]): Point[] {
  return points.filter(([, value]) => Number.isFinite(value));
}

function stroke(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<path d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}" stroke="${colour}" fill="none"/>`;
}

function lineStyle(colour: string, dashes: string): string {
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"${dashed}`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${at(x)}" y="${at(y)}"${attributes && ` ${attributes}`}>${escapeMarkup(content)}</text>`;
}

/** Pixels, to a hundredth. */
function at(pixels: number): string {
  return `${Number(pixels.toFixed(2))}`;
}
