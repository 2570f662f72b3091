// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { curvesSvg } from '../../../src/main/training/curves.ts';
import type { TrainingRecord } from '../../../src/main/training/trainingLog.ts';

function parsed(svg: string): Document {
  const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(document.querySelector('parsererror')?.textContent).toBeUndefined();
  expect(document.documentElement.localName).toBe('svg');
  return document;
}

type Point = readonly [x: number, y: number];

function pointsOf(element: Element | null): Point[] {
  const text = element?.getAttribute('points') ?? '';
  return text === '' ? [] : text.split(' ').map((pair) => pair.split(',').map(Number) as [number, number]);
}

const numberOf = (element: Element, name: string) => Number(element.getAttribute(name));
const dotsOf = (panel: Element, name: string): Point[] =>
  [...panel.querySelectorAll(`circle.${name}`)].map((dot) => [numberOf(dot, 'cx'), numberOf(dot, 'cy')]);

/** The plot of a panel, and its scales as a reader would take them: from the numbers beside the axes. */
function panelOf(document: Document, name: 'training' | 'validation') {
  const panel = document.querySelector(`g.${name}`)!;
  const plot = panel.querySelector('rect.plot')!;
  const [left, top] = [numberOf(plot, 'x'), numberOf(plot, 'y')];
  const [right, bottom] = [left + numberOf(plot, 'width'), top + numberOf(plot, 'height')];
  const ticks = [...panel.querySelectorAll('text.tick')].map((tick) => ({
    x: numberOf(tick, 'x'),
    y: numberOf(tick, 'y') - 4,
    value: Number(tick.textContent!.replaceAll(',', '').replaceAll('−', '-')),
  }));
  return {
    panel,
    plot: { left, top, right, bottom },
    steps: ticks.filter(({ y }) => y > bottom + 4),
    leftTicks: ticks.filter(({ x }) => x < left),
    rightTicks: ticks.filter(({ x, y }) => x > right && y <= bottom + 4),
  };
}

/** Reads a value off an axis by its outermost ticks. */
function readOff(
  ticks: readonly { x: number; y: number; value: number }[],
  along: 'x' | 'y',
  pixel: number,
  logarithmic = false,
): number {
  const [first, last] = [ticks[0]!, ticks.at(-1)!];
  const [from, to] = [first.value, last.value].map((value) => (logarithmic ? Math.log10(value) : value)) as [
    number,
    number,
  ];
  const value = from + ((pixel - first[along]) / (last[along] - first[along])) * (to - from);
  return logarithmic ? 10 ** value : value;
}

const score = (gain: number, gainInside: number) => ({
  psnr: 30 + gain,
  psnrInside: 28 + gainInside,
  gain,
  gainInside,
  ssim: 0.9,
  ssimInside: 0.9,
});

/** A training of `count` records, validated at every third. */
function training(count: number, seed = 1): TrainingRecord[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, n) => ({
    step: 25 * (n + 1),
    seconds: 20 * n,
    loss: (0.03 + 0.2 / (n + 1)) * random.between(0.8, 1.2),
    learningRate: 4e-4 * (0.505 + 0.495 * Math.cos((Math.PI * n) / count)),
    ...(n % 3 === 2 && { validation: score(4 - 9 / (n + 1) + random.uniform(), 2 - 6 / (n + 1)) }),
  }));
}

describe('the curves of a training', () => {
  it('are well-formed and lie in their panels from left to right, whatever the records', () => {
    const random = createRandom(3);
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (const count of [0, 1, 2, 3, 10, 159, 160, 161, 1000, 5000]) {
      for (const kind of ['plain', 'wide', 'holed', 'negative', 'still'] as const) {
        const value = (usual: number) => {
          if (kind === 'holed' && random.uniform() < 0.3) return odd[random.integer(odd.length)]!;
          if (kind === 'wide') return Math.abs(usual) * 10 ** random.between(-7, 7);
          if (kind === 'negative') return usual - random.between(0, 20);
          return kind === 'still' ? 0.25 : usual;
        };
        const records = training(count, count + 1).map((record) => ({
          ...record,
          loss: value(record.loss),
          learningRate: Math.abs(value(record.learningRate)),
          validation:
            record.validation && score(value(record.validation.gain), value(record.validation.gainInside)),
        }));
        const svg = curvesSvg(records, `${count} ${kind}`);
        expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
        const document = parsed(svg);
        for (const name of ['training', 'validation'] as const) {
          const { panel, plot } = panelOf(document, name);
          const lines = [...panel.querySelectorAll('polyline')].map(pointsOf);
          expect(lines).toHaveLength(2);
          const drawn = [
            ...lines.flat(),
            ...pointsOf(panel.querySelector('polygon')),
            ...['loss', 'learning-rate', 'all', 'inside', 'best'].flatMap((mark) => dotsOf(panel, mark)),
          ];
          const outside = drawn.filter(
            ([x, y]) =>
              !(x >= plot.left && x <= plot.right && y >= plot.top - 0.01 && y <= plot.bottom + 0.01),
          );
          expect(outside).toEqual([]);
          for (const line of lines) {
            expect(line.every(([x], n) => n === 0 || x > line[n - 1]![0])).toBe(true);
          }
        }
      }
    }
  });

  it('stand where the axes say: losses, learning rates and gains can be read off', () => {
    const records = training(60);
    const document = parsed(curvesSvg(records, 'a training'));
    const left = panelOf(document, 'training');
    const losses = pointsOf(left.panel.querySelector('polyline.loss'));
    const rates = pointsOf(left.panel.querySelector('polyline.learning-rate'));
    expect(losses).toHaveLength(60);
    expect(rates).toHaveLength(60);
    for (const [n, { step, loss, learningRate }] of records.entries()) {
      expect(readOff(left.steps, 'x', losses[n]![0])).toBeCloseTo(step, -0.5);
      expect(readOff(left.leftTicks, 'y', losses[n]![1], true) / loss).toBeCloseTo(1, 2);
      expect(Math.abs(readOff(left.rightTicks, 'y', rates[n]![1]) - learningRate)).toBeLessThan(1e-6);
    }
    const right = panelOf(document, 'validation');
    const validated = records.filter(({ validation }) => validation !== undefined);
    for (const [name, key] of [
      ['inside', 'gainInside'],
      ['all', 'gain'],
    ] as const) {
      const line = pointsOf(right.panel.querySelector(`polyline.${name}`));
      expect(line).toHaveLength(validated.length);
      expect(dotsOf(right.panel, name)).toEqual(line);
      for (const [n, { step, validation }] of validated.entries()) {
        expect(readOff(right.steps, 'x', line[n]![0])).toBeCloseTo(step, -0.5);
        expect(Math.abs(readOff(right.leftTicks, 'y', line[n]![1]) - validation![key])).toBeLessThan(0.01);
      }
    }
  });

  it('mark the best gain inside, the first of equals, and say which it is', () => {
    const gains = [0.4, -1, 2.345, 2.345, 1.9];
    const records = gains.map((gain, n) => ({
      ...training(5)[n]!,
      step: 1000 * (n + 1),
      // In all another step is the best.
      validation: score(5 - n, gain),
    }));
    const { panel, leftTicks, steps } = panelOf(parsed(curvesSvg(records, 'a training')), 'validation');
    const [best, ...more] = dotsOf(panel, 'best');
    expect(more).toEqual([]);
    expect(readOff(steps, 'x', best![0])).toBeCloseTo(3000, -1);
    expect(readOff(leftTicks, 'y', best![1])).toBeCloseTo(2.345, 1);
    expect(panel.querySelector('text.best')!.textContent).toBe('best 2.35 at step 3,000');
  });

  it('of many steps are means, with a band from the least to the greatest', () => {
    const few = panelOf(parsed(curvesSvg(training(160), 'few')), 'training').panel;
    expect(few.querySelector('polygon')).toBeNull();
    // Losses of 0.01 and 0.03 in turn: the mean is 0.02 throughout, the band reaches both.
    const records = training(4000).map((record, n) => ({ ...record, loss: n % 2 ? 0.01 : 0.03 }));
    const svg = curvesSvg(records, 'many');
    expect(svg.length).toBeLessThan(60_000);
    const { panel, plot, leftTicks } = panelOf(parsed(svg), 'training');
    const loss = (y: number) => readOff(leftTicks, 'y', y, true);
    const line = pointsOf(panel.querySelector('polyline.loss'));
    expect(line.length).toBeGreaterThan(100);
    for (const [, y] of line) expect(loss(y)).toBeCloseTo(0.02, 3);
    // A mean stands at the last of its steps, so that the line ends where the training is.
    expect(line.at(-1)![0]).toBe(plot.right);
    const band = pointsOf(panel.querySelector('polygon'));
    expect(band.slice(0, line.length).map(([x]) => x)).toEqual(line.map(([x]) => x));
    for (const [, y] of band.slice(0, line.length)) expect(loss(y)).toBeCloseTo(0.01, 3);
    for (const [, y] of band.slice(line.length)) expect(loss(y)).toBeCloseTo(0.03, 3);
  });

  it('of no steps, and of none validated, say so; a single step is a dot', () => {
    const none = parsed(curvesSvg([], 'a training'));
    expect([...none.querySelectorAll('text.nothing')].map(({ textContent }) => textContent)).toEqual([
      'No steps yet',
      'Not validated yet',
    ]);
    expect(none.querySelector('text.tick')).toBeNull();
    const one = parsed(curvesSvg(training(1), 'a training'));
    expect([...one.querySelectorAll('text.nothing')].map(({ textContent }) => textContent)).toEqual([
      'Not validated yet',
    ]);
    expect(dotsOf(one.querySelector('g.training')!, 'loss')).toHaveLength(1);
  });

  it('of a loss that is not positive have a linear axis, and do not call it logarithmic', () => {
    const records = training(10).map((record, n) => ({ ...record, loss: 1 - 0.25 * n }));
    const document = parsed(curvesSvg(records, 'a training'));
    const { panel, leftTicks } = panelOf(document, 'training');
    expect(panel.textContent).not.toContain('logarithmic');
    const line = pointsOf(panel.querySelector('polyline.loss'));
    for (const [n, { loss }] of records.entries()) {
      expect(readOff(leftTicks, 'y', line[n]![1])).toBeCloseTo(loss, 1);
    }
    expect(curvesSvg(training(10), 'a training')).toContain('logarithmic');
  });

  it('carry any title as text, and say what they may be used for', () => {
    const title = `<script>alert("1")</script> & 'a' \u0007\ud800 ]]>`;
    const document = parsed(curvesSvg([], title));
    expect(document.querySelector('title')!.textContent).toBe(
      `<script>alert("1")</script> & 'a' \ufffd\ufffd ]]>`,
    );
    expect(document.querySelector('script')).toBeNull();
    expect(document.documentElement.textContent).toContain('Research use only. Not for diagnosis.');
  });
});
