import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  ADAM_DEFAULTS,
  ADAMW_DEFAULTS,
  conv2d,
  decaysByName,
  evaluateReference,
  Graph,
  type Tensor as GraphTensor,
  gradients,
  kaimingNormal,
  learningRateAt,
  mseLoss,
  relu,
  SCHEDULE_DEFAULTS,
  STEP_GRADIENT_NORM,
  STEP_LOSS,
  type TrainingStepOptions,
  trainingStep,
  updatedName,
} from '../../../src/core/graph/index.ts';
import { packParameters } from '../../../src/core/graph/optimisers/packs.ts';
import { createRandom } from '../../../src/core/random.ts';
import { finalWeights, initialState } from '../../../src/main/training/state.ts';

interface Problem {
  readonly graph: Graph;
  readonly loss: GraphTensor;
  readonly data: ReadonlyMap<string, Float32Array>;
  readonly start: ReadonlyMap<string, Float32Array>;
}

type Settings = Omit<TrainingStepOptions, 'name'> & { readonly learningRate: number };

/** A small network, its loss on fixed data, and where it starts. */
function problem(): Problem {
  const graph = new Graph();
  const x = graph.input('x', [2, 1, 6, 5]);
  const truth = graph.input('truth', [2, 1, 6, 5]);
  const hidden = relu(
    conv2d(x, graph.parameter('w1', [3, 1, 3, 3], kaimingNormal([3, 1, 3, 3])), {
      bias: graph.parameter('bias', [3], { kind: 'constant', value: 0.1 }),
      padding: 1,
    }),
  );
  const y = conv2d(hidden, graph.parameter('w2', [1, 3, 3, 3], kaimingNormal([1, 3, 3, 3])), { padding: 1 });
  const random = createRandom(2);
  const draw = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());
  const data = new Map([
    ['x', draw(60)],
    ['truth', draw(60)],
  ]);
  const start = new Map([
    ['w1', draw(27, 0.3)],
    ['bias', draw(3, 0.1)],
    ['w2', draw(27, 0.3)],
  ]);
  return { graph, loss: mseLoss(y, truth), data, start };
}

interface Course {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  /** After the last step, by path. */
  readonly weights: ReadonlyMap<string, ArrayLike<number>>;
  readonly averages: ReadonlyMap<string, ArrayLike<number>>;
}

/** The optimisers in plain float64, word by word as the papers have them, on gradients from the float64 reference. */
function plainCourse({ graph, loss, data, start }: Problem, settings: Settings, steps: number): Course {
  const { adam = ADAM_DEFAULTS, clip, average, learningRate } = settings;
  const derived = gradients(
    loss,
    graph.parameters.map(({ tensor }) => tensor),
  );
  const entries = graph.parameters.map((parameter) => {
    const values = Float64Array.from(start.get(parameter.path)!);
    const none = () => new Float64Array(values.length);
    return { parameter, values, m: none(), v: none(), average: Float64Array.from(values) };
  });
  const losses: number[] = [];
  const norms: number[] = [];
  for (let t = 1; t <= steps; t++) {
    const feeds = new Map<string, ArrayLike<number>>([
      ...data,
      ...entries.map(({ parameter, values }) => [parameter.path, values] as const),
    ]);
    const [value, ...found] = evaluateReference([loss, ...derived], feeds);
    losses.push(value!.data[0]!);
    const norm = Math.sqrt(found.reduce((sum, { data: g }) => sum + g.reduce((s, x) => s + x * x, 0), 0));
    norms.push(norm);
    for (const [n, { parameter, values, m, v, average: kept }] of entries.entries()) {
      const decay = adam.decays(parameter) ? adam.weightDecay : 0;
      for (const [k, raw] of found[n]!.data.entries()) {
        let g = raw;
        if (clip?.kind === 'norm') g *= Math.min(1, clip.limit / (norm + 1e-6));
        if (clip?.kind === 'value') g = Math.min(Math.max(g, -clip.limit), clip.limit);
        m[k] = adam.beta1 * m[k]! + (1 - adam.beta1) * g;
        v[k] = adam.beta2 * v[k]! + (1 - adam.beta2) * g * g;
        const unbiased1 = m[k]! / (1 - adam.beta1 ** t);
        const unbiased2 = v[k]! / (1 - adam.beta2 ** t);
        values[k] =
          values[k]! * (1 - learningRate * decay) -
          (learningRate * unbiased1) / (Math.sqrt(unbiased2) + adam.epsilon);
        // TensorFlow's ExponentialMovingAverage with num_updates, counted from the start.
        const since = average === undefined ? 0 : t - average.start;
        const d =
          average === undefined || since <= 0 ? 0 : Math.min(average.decay, (1 + since) / (10 + since));
        kept[k] = d * kept[k]! + (1 - d) * values[k]!;
      }
    }
  }
  const byPath = (pick: (entry: (typeof entries)[number]) => Float64Array) =>
    new Map(entries.map((entry) => [entry.parameter.path, pick(entry)]));
  return {
    losses,
    norms,
    weights: byPath(({ values }) => values),
    averages: byPath((entry) => entry.average),
  };
}

/** The same in the ONNX graph, on the CPU engine. */
async function graphCourse(
  { graph, loss, data, start }: Problem,
  settings: Settings,
  steps: number,
): Promise<Course> {
  const step = trainingStep(graph, loss, { name: 'step', ...settings });
  const session = await InferenceSession.create(step.onnx, { intraOpNumThreads: 1 });
  const tensor = (values: Float32Array, shape: readonly number[]): Tensor =>
    new Tensor('float32', values, [...shape]);
  const begin = initialState(step.state, start);
  const state = new Map([...begin].map(([name, { shape, data: values }]) => [name, tensor(values, shape)]));
  const losses: number[] = [];
  const norms: number[] = [];
  for (let t = 1; t <= steps; t++) {
    const results = await session.run({
      x: tensor(data.get('x')!, graph.inputs[0]!.shape),
      truth: tensor(data.get('truth')!, graph.inputs[1]!.shape),
      ...Object.fromEntries(state),
      ...Object.fromEntries(
        [...step.scalars(t, settings.learningRate)].map(([name, value]) => [
          name,
          tensor(Float32Array.of(value), []),
        ]),
      ),
    });
    losses.push((results[STEP_LOSS]!.data as Float32Array)[0]!);
    if (step.reports.includes(STEP_GRADIENT_NORM)) {
      norms.push((results[STEP_GRADIENT_NORM]!.data as Float32Array)[0]!);
    }
    for (const { name } of step.state) state.set(name, results[updatedName(name)] as Tensor);
  }
  await session.release();
  const last = new Map(
    [...state].map(([name, { dims, data: values }]) => [name, { shape: dims, data: values as Float32Array }]),
  );
  const weightEntries = step.state.filter(({ kind }) => kind === 'weight');
  const values = (kept: ReadonlyMap<string, { readonly data: Float32Array }>) =>
    new Map([...kept].map(([path, { data: found }]) => [path, found]));
  return {
    losses,
    norms,
    weights: values(finalWeights({ ...step, state: weightEntries }, last)),
    averages: values(finalWeights(step, last)),
  };
}

function expectClose(found: Course, expected: Course, tolerance: number) {
  found.losses.forEach((loss, t) => {
    expect(Math.abs(loss / expected.losses[t]! - 1), `loss of step ${t + 1}`).toBeLessThan(tolerance);
  });
  found.norms.forEach((norm, t) => {
    expect(Math.abs(norm / expected.norms[t]! - 1), `norm of step ${t + 1}`).toBeLessThan(tolerance);
  });
  for (const what of ['weights', 'averages'] as const) {
    for (const [path, values] of found[what]) {
      Array.from(values).forEach((value, k) => {
        const want = expected[what].get(path)![k]!;
        expect(Math.abs(value - want), `${what} ${path}[${k}]`).toBeLessThan(10 * tolerance);
      });
    }
  }
}

const STEPS = 60;
const average = { decay: 0.95, start: 20 };
const courses: readonly (readonly [string, Settings])[] = [
  ['Adam', { learningRate: 0.01 }],
  ['AdamW', { learningRate: 0.01, adam: { ...ADAMW_DEFAULTS, weightDecay: 0.3 } }],
  ['Adam, clipped by the global norm', { learningRate: 0.01, clip: { kind: 'norm', limit: 1.2 } }],
  ['Adam, clipped by value', { learningRate: 0.01, clip: { kind: 'value', limit: 0.15 } }],
  ['Adam with an average', { learningRate: 0.01, average }],
  [
    'all of it together',
    {
      learningRate: 0.02,
      adam: { ...ADAMW_DEFAULTS, weightDecay: 0.1 },
      clip: { kind: 'norm', limit: 1 },
      average: { decay: 0.9, start: 0 },
    },
  ],
];

describe('sixty steps in the ONNX graph follow plain float64', () => {
  it.each(courses)('%s', async (_name, settings) => {
    const expected = plainCourse(problem(), settings, STEPS);
    expect(expected.losses.at(-1)!).toBeLessThan(0.8 * expected.losses[0]!);
    expectClose(await graphCourse(problem(), settings, STEPS), expected, 1e-4);
  });

  it('and each setting changes the course', () => {
    const ends = courses.map(([, settings]) => plainCourse(problem(), settings, STEPS));
    const weights = ends.map((end) => [...end.averages.values()].flatMap((values) => Array.from(values)));
    for (let n = 1; n < weights.length; n++) {
      const apart = Math.max(...weights[n]!.map((value, k) => Math.abs(value - weights[0]![k]!)));
      expect(apart, courses[n]![0]).toBeGreaterThan(5e-3);
    }
  });

  it('norms are clipped in some steps and left alone in others', () => {
    const { norms } = plainCourse(problem(), courses[2]![1], STEPS);
    expect(norms.some((norm) => norm > 1.3)).toBe(true);
    expect(norms.some((norm) => norm < 1.1)).toBe(true);
  });
});

/**
 * Twelve steps of `torch.optim.AdamW` (float64, learning rate 0.05) on mean((x·wᵀ + b − t)²), the bias in a
 * group without weight decay.
 */
describe('PyTorch’s AdamW', () => {
  const torch: Record<
    string,
    { settings: Partial<Settings>; losses: number[]; norms: number[]; w: number[] }
  > = {
    'with clip_grad_norm_(0.5) and weight decay 0.1': {
      settings: {
        adam: { ...ADAMW_DEFAULTS, weightDecay: 0.1 },
        clip: { kind: 'norm', limit: 0.5 },
      },
      losses: [
        1.0309375, 0.92280147, 0.835115564, 0.763721642, 0.70202941, 0.648437864, 0.603172248, 0.566230583,
        0.537076086, 0.514694459, 0.49747029, 0.483945503,
      ],
      norms: [
        0.91908299, 0.811277686, 0.705131352, 0.620440936, 0.552510011, 0.493676846, 0.440068192, 0.38723149,
        0.335615582, 0.29010362, 0.254342528, 0.22776537,
      ],
      w: [
        0.852686117, -0.716258013, 0.439698837, 0.44645295, 0.014147996, 0.440543018, -0.197619483,
        0.000368982, -0.013397041,
      ],
    },
    'with clip_grad_value_(0.2)': {
      settings: { clip: { kind: 'value', limit: 0.2 } },
      losses: [
        1.0309375, 0.926432296, 0.84050473, 0.770087694, 0.709545725, 0.656817119, 0.61174982, 0.574390306,
        0.544421889, 0.521259992, 0.503941826, 0.491082514,
      ],
      norms: [],
      w: [
        0.874290765, -0.741451701, 0.472970446, 0.472930519, -2.2626e-5, 0.447111523, -0.227786836,
        -0.064721911, -0.003352974,
      ],
    },
  };

  it.each(Object.entries(torch))('%s', async (_name, { settings, losses, norms, w }) => {
    const graph = new Graph();
    const x = graph.input('x', [4, 2, 1, 1]);
    const truth = graph.input('truth', [4, 3, 1, 1]);
    const y = conv2d(x, graph.parameter('weight', [3, 2, 1, 1], { kind: 'constant', value: 0 }), {
      bias: graph.parameter('bias', [3], { kind: 'constant', value: 0 }),
    });
    const linear: Problem = {
      graph,
      loss: mseLoss(y, truth),
      data: new Map([
        ['x', Float32Array.of(0.5, -1.25, 2, 0.75, -0.5, 1.5, 1, 1)],
        ['truth', Float32Array.of(1, 0, -1, 0.5, 2, 0.25, -2, 1, 0, 0.75, -0.5, 1.5)],
      ]),
      start: new Map([
        ['weight', Float32Array.of(0.3, -0.2, 1, 0.4, -0.6, 0.9)],
        ['bias', Float32Array.of(0.1, -0.1, 0.2)],
      ]),
    };
    const found = await graphCourse(linear, { learningRate: 0.05, ...settings }, 12);
    const close = (a: readonly number[], b: readonly number[]) => {
      expect(a).toHaveLength(b.length);
      for (const [n, value] of a.entries()) expect(Math.abs(value - b[n]!)).toBeLessThan(2e-6);
    };
    close(found.losses, losses);
    close(found.norms, norms);
    close(
      [...found.weights.values()].flatMap((values) => Array.from(values)),
      w,
    );
  });
});

describe('which parameters decay', () => {
  const parameter = (path: string, shape: number[]) => {
    const graph = new Graph();
    return { path, tensor: graph.parameter('p', shape, { kind: 'constant', value: 0 }) };
  };

  it.each([
    ['lr.0.conv.weight', [8, 4, 3, 3], true],
    ['blocks.3.in_proj.weight', [16, 8], true],
    ['lr.0.conv.bias', [8], false],
    ['scan.dt_projs_bias', [4, 8], false],
    ['scan.A_logs', [32, 16], false],
    ['scan.A_log', [32, 16], false],
    ['scan.Ds', [4, 8], false],
    ['scan.D', [4, 8], false],
    ['blocks.3.ln_1.weight', [8], false],
    ['blocks.3.norm2.weight', [8, 1], false],
    ['out_norm.weight', [8, 1], false],
    ['gamma', [8], false],
    ['normal.weight2', [8, 8], true],
  ] as const)('%s %j: %s', (path, shape, decays) => {
    expect(decaysByName(parameter(path, [...shape]))).toBe(decays);
  });
});

describe('packs', () => {
  it('hold small parameters together in their order, and large ones alone', () => {
    const graph = new Graph();
    for (const [name, shape] of [
      ['a', [300, 100]],
      ['a_bias', [100]],
      ['b', [300, 100]],
      ['c', [300, 100]],
      ['large', [100, 1000]],
      ['d', [5]],
    ] as const) {
      graph.parameter(name, shape, { kind: 'constant', value: 0 });
    }
    const packs = packParameters(graph.parameters);
    expect(packs.map(({ parameters, shape }) => [parameters.map(({ path }) => path), shape])).toEqual([
      [
        ['a', 'a_bias', 'b'],
        [1, 60100],
      ],
      [['c'], [300, 100]],
      [['large'], [100, 1000]],
      [['d'], [5]],
    ]);
  });
});

describe('the state of a training step', () => {
  it('names all that one step hands to the next, and how it starts', () => {
    const graph = new Graph({ training: true });
    const x = graph.input('x', [1, 2, 3, 3]);
    const w = graph.parameter('w', [2, 2, 1, 1], { kind: 'constant', value: 1 });
    const mean = graph.buffer('mean', [2], { kind: 'constant', value: 0.5 });
    const fixed = graph.buffer('fixed', [1], { kind: 'constant', value: 3 });
    graph.update(mean, graph.constant([1, 2], [2]));
    const loss = mseLoss(conv2d(x, w), x);
    const step = trainingStep(graph, loss, { name: 'step', average, reports: { twice: loss } });
    expect(step.state.map(({ name, kind, start, updated }) => [name, kind, start, updated])).toEqual([
      ['w', 'weight', 'values', true],
      ['mean', 'buffer', 'values', true],
      ['fixed', 'buffer', 'values', false],
      ['adam.m.w', 'moment', 'zeros', true],
      ['adam.v.w', 'moment', 'zeros', true],
      ['average.w', 'average', 'values', true],
    ]);
    expect(step.reports).toEqual(['loss', 'twice']);
    expect(fixed.shape).toEqual([1]);
  });

  it('takes only scalars as reports, each name once', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const loss = mseLoss(x, graph.parameter('w', [2], { kind: 'constant', value: 1 }));
    const name = 'step';
    expect(() => trainingStep(graph, loss, { name, reports: { x } })).toThrow(/report x of shape \[2\]/);
    expect(() => trainingStep(graph, loss, { name, reports: { loss } })).toThrow(/report loss/);
  });
});

describe('the learning rate', () => {
  const at = (kind: 'constant' | 'step' | 'cosine', step: number, steps = 2000) =>
    learningRateAt(step, steps, 1, { ...SCHEDULE_DEFAULTS, kind });

  it.each(['constant', 'step', 'cosine'] as const)('%s: rises linearly', (kind) => {
    expect(at(kind, 0)).toBeCloseTo(0.01, 10);
    expect(at(kind, 49)).toBeCloseTo(0.5, 10);
    expect(at(kind, 99)).toBe(1);
    expect(at(kind, 0, 20)).toBe(0.5);
    expect(at(kind, 0, 1)).toBe(1);
  });

  it('then stays, falls in steps, or falls as a cosine to 1 %', () => {
    expect([100, 1000, 1999].map((step) => at('constant', step))).toEqual([1, 1, 1]);
    expect([999, 1000, 1499, 1500].map((step) => at('step', step))).toEqual([1, 0.1, 0.1, 0.1 ** 2]);
    expect(at('cosine', 1050)).toBeCloseTo(0.505, 3);
    expect(at('cosine', 2000)).toBeCloseTo(0.01, 10);
  });
});
