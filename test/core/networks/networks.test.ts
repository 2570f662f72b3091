import { describe, expect, it } from 'vitest';
import {
  evaluateReference,
  Graph,
  gradients,
  initialValues,
  type Tensor,
} from '../../../src/core/graph/index.ts';
import { elementCount } from '../../../src/core/graph/shape.ts';
import { folded, unfolded } from '../../../src/core/networks/blocks/folding.ts';
import { networkGraph, networkNamed, networks, paperLoss } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { relativeError, runOnnx } from '../../helpers/graph.ts';

/** Every network as small as it goes: the same code, few channels. */
const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  srcnn: { features: [3, 2], kernels: [5, 3, 3] },
  'srcnn-guided': { features: [3, 2], kernels: [5, 3, 3] },
  vdsr: { depth: 4, features: 3 },
  edsr: { blocks: 2, features: 4 },
  'edsr-guided': { blocks: 2, features: 4 },
  sanet: { n_resblocks: 1, n_feats: 16, effective_stages: 2 },
  minet: { n_resgroups: 1, n_resblocks: 1, n_feats: 16 },
  glmamba: { channels: 4, stages_per_branch: 1, N: 3 },
  'glmamba-lr': { channels: 4, stages_per_branch: 1, N: 3, lr_scan: 'local' },
  'deform-mamba': { dims: [8, 8, 8, 8], depth: 1, N: 2, ca_reduction: 4 },
  iconet: { channels: 4, rscfl: 1, N: 3, crb_reduction: 2 },
};
const names = Object.keys(networks);

function build(name: string, scale: 2 | 4, rows: number, columns: number, training = false) {
  return networkGraph(name, SMALL[name], scale, { batch: 1, rows, columns }, { training });
}

/** Values for everything that is fed: images about [0, 1], weights small and none of them zero. */
function feedsFor(tensors: readonly { name: string; tensor: Tensor; image: boolean }[]) {
  const random = createRandom(23);
  return new Map(
    tensors.map(({ name, tensor, image }) => [
      name,
      Float32Array.from({ length: elementCount(tensor.shape) }, () =>
        image || /running_var$/.test(name) ? random.between(0.1, 1) : 0.25 * random.normal(),
      ),
    ]),
  );
}

function sources({ graph, parameters }: ReturnType<typeof networkGraph>) {
  return [
    ...graph.inputs.map((tensor) => ({
      name: tensor.origin.kind === 'input' ? tensor.origin.name : '',
      tensor,
      image: true,
    })),
    ...parameters.map(({ path, tensor }) => ({ name: path, tensor, image: false })),
  ];
}

/** Whether the network has the option `global_skip`. */
function hasSkip(name: string): boolean {
  return (networkNamed(name).parseOptions({}) as { global_skip?: boolean }).global_skip !== undefined;
}

it('is tested with every network', () => {
  expect(Object.keys(SMALL).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (name) => {
  it('gives the enhanced size for images of any size, at both scales', () => {
    for (const scale of [2, 4] as const) {
      for (const [rows, columns] of [
        [8, 8],
        [5 * scale, 7 * scale],
        [16, 24],
      ] as const) {
        const { enhanced, outputs } = build(name, scale, rows, columns);
        expect(enhanced.shape).toEqual([1, 1, rows, columns]);
        for (const other of Object.values(outputs.others)) expect(other.shape.slice(0, 2)).toEqual([1, 1]);
      }
    }
  });

  it('takes a reference exactly where it says so, and no other input than its raw names tell', () => {
    const { graph, network } = build(name, 2, 8, 8);
    const inputs = graph.inputs.map(({ origin }) => (origin.kind === 'input' ? origin.name : ''));
    expect(inputs.includes('reference')).toBe(network.usesReference);
    const graphNames = { target: 'target', zeroFilled: 'zero_filled', reference: 'reference' } as const;
    const told = new Set(Object.values(network.rawNames.inputs).map((what) => graphNames[what]));
    if (hasSkip(name)) told.delete('zero_filled');
    expect(new Set(inputs)).toEqual(told);
  });

  it('computes on the engine what its reference computes in float64, padded sizes too', async () => {
    for (const [scale, rows, columns] of [
      [2, 10, 14],
      [4, 12, 20],
    ] as const) {
      const made = build(name, scale, rows, columns);
      const feeds = feedsFor(sources(made));
      const [expected] = evaluateReference([made.enhanced], feeds);
      const found = (await runOnnx({ enhanced: made.enhanced }, feeds)).get('enhanced')!;
      expect(expected!.data.every(Number.isFinite)).toBe(true);
      expect(relativeError(found, expected!.data)).toBeLessThan(2e-5);
    }
  });

  it('has the gradients of its own loss, by every weight: against differences, and on the engine', async () => {
    const made = build(name, 2, 8, 8, true);
    const { loss } = paperLoss(made);
    const trained = made.parameters.filter((parameter) => parameter.trained);
    const derived = gradients(
      loss,
      trained.map(({ tensor }) => tensor),
    );
    const feeds = feedsFor(sources(made));
    const [value, ...exact] = evaluateReference([loss, ...derived], feeds);
    expect(value!.data[0]).toBeGreaterThan(0);

    // Along a random direction in the space of all weights at once.
    const random = createRandom(5);
    const direction = trained.map(({ tensor }) =>
      Float64Array.from({ length: elementCount(tensor.shape) }, () => random.normal()),
    );
    const along = exact.reduce(
      (sum, { data }, n) => sum + data.reduce((part, g, k) => part + g * direction[n]![k]!, 0),
      0,
    );
    const step = 1e-6;
    const at = (sign: number) => {
      const moved = new Map<string, ArrayLike<number>>(feeds);
      trained.forEach(({ path }, n) => {
        moved.set(
          path,
          Float64Array.from(feeds.get(path)!, (x, k) => x + sign * step * direction[n]![k]!),
        );
      });
      return evaluateReference([loss], moved)[0]!.data[0]!;
    };
    const difference = (at(1) - at(-1)) / (2 * step);
    expect(Math.abs(difference - along) / Math.abs(along)).toBeLessThan(1e-4);

    const onnx = await runOnnx(Object.fromEntries(derived.map((tensor, n) => [`g${n}`, tensor])), feeds);
    const found = derived.flatMap((_, n) => [...onnx.get(`g${n}`)!]);
    expect(
      relativeError(
        found,
        exact.flatMap(({ data }) => [...data]),
      ),
    ).toBeLessThan(1e-4);
  });

  it('refuses options that are not its own', () => {
    expect(() => networkNamed(name).parseOptions({ nothing: 1 })).toThrow(new RegExp(`Options of ${name}`));
  });
});

it.each(
  names.filter(hasSkip),
)('%s corrects the zero-filled target, and starts from it, with global_skip', (name) => {
  for (const [scale, rows, columns] of [
    [2, 14, 18],
    [4, 20, 28],
  ] as const) {
    const options = { ...SMALL[name], global_skip: true };
    const { graph, enhanced, outputs } = networkGraph(name, options, scale, { batch: 1, rows, columns });
    const feeds = feedsFor(sources({ graph, parameters: [] } as never));
    const values = initialValues(graph.parameters, 5);
    const given = new Map([...feeds, ...values]);
    const zeroFilled = feeds.get('zero_filled')!;
    const [first] = evaluateReference([enhanced], given);
    expect(Array.from(first!.data)).toEqual(Array.from(zeroFilled));
    // Earlier stages start from zero-filling by less: the samples in common.
    const half = outputs.others.sr2;
    if (scale === 4 && half !== undefined) {
      const [earlier] = evaluateReference([half], given);
      expect(earlier!.data[1]).toBe(zeroFilled[2]);
      expect(earlier!.data[columns / 2]).toBe(zeroFilled[2 * columns]);
    }
  }
});

/** Whether the network has the option of that name. */
function hasOption(name: string, option: string): boolean {
  return Object.hasOwn(networkNamed(name).parseOptions({}) as object, option);
}

it.each(
  names.filter((name) => hasOption(name, 'fold')),
)('%s folds pixels into channels for images of any size, and starts from zero-filling', (name) => {
  const shipped = hasOption(name, 'zero_filled_input') ? { zero_filled_input: true, global_skip: true } : {};
  for (const [scale, rows, columns, fold] of [
    [2, 14, 18, 2],
    [2, 10, 22, 4],
    [4, 20, 12, 2],
  ] as const) {
    const options = { ...SMALL[name], ...shipped, fold };
    const { graph, enhanced, outputs } = networkGraph(name, options, scale, { batch: 1, rows, columns });
    for (const image of [enhanced, ...Object.values(outputs.others)]) {
      expect(image.shape).toEqual([1, 1, rows, columns]);
    }
    expect(graph.inputs.map(({ origin }) => (origin.kind === 'input' ? origin.name : ''))).not.toContain(
      'target',
    );
    const feeds = feedsFor(sources({ graph, parameters: [] } as never));
    const given = new Map([...feeds, ...initialValues(graph.parameters, 5)]);
    const [first] = evaluateReference([enhanced], given);
    expect(Array.from(first!.data)).toEqual(Array.from(feeds.get('zero_filled')!));
  }
});

describe.each(names.filter((name) => hasOption(name, 'refinement')))('%s with refinement', (name) => {
  const options = { ...SMALL[name], refinement: 2 };

  it('computes on the engine what its reference computes in float64, padded sizes too', async () => {
    for (const [scale, rows, columns] of [
      [2, 10, 14],
      [4, 12, 20],
    ] as const) {
      const made = networkGraph(name, options, scale, { batch: 1, rows, columns });
      expect(made.enhanced.shape).toEqual([1, 1, rows, columns]);
      expect(made.parameters.some(({ path }) => path.includes('refine.'))).toBe(true);
      const feeds = feedsFor(sources(made));
      const [expected] = evaluateReference([made.enhanced], feeds);
      const found = (await runOnnx({ enhanced: made.enhanced }, feeds)).get('enhanced')!;
      expect(relativeError(found, expected!.data)).toBeLessThan(2e-5);
    }
  });

  it('starts from zero-filling with global_skip, and is the paper’s network at 0', () => {
    const paths = (chosen: object) =>
      networkGraph(name, chosen, 2, { batch: 1, rows: 8, columns: 8 }).parameters.map(({ path }) => path);
    expect(paths({ ...options, refinement: 0 })).toEqual(paths(SMALL[name]!));
    const skipping = { ...options, global_skip: true };
    const made = networkGraph(name, skipping, 4, { batch: 1, rows: 12, columns: 20 });
    const feeds = feedsFor(sources({ ...made, parameters: [] } as never));
    const [first] = evaluateReference(
      [made.enhanced],
      new Map([...feeds, ...initialValues(made.graph.parameters, 5)]),
    );
    expect(Array.from(first!.data)).toEqual(Array.from(feeds.get('zero_filled')!));
  });
});

it.each([1, 2, 4])('folding by %i and unfolding gives the image again', (fold) => {
  const graph = new Graph();
  const image = graph.input('image', [1, 1, 8, 12]);
  const small = folded(image, fold, 1);
  expect(small.shape).toEqual([1, fold ** 2, Math.ceil(8 / fold), Math.ceil(12 / fold)]);
  const values = Float32Array.from({ length: 96 }, (_, n) => n);
  const [again] = evaluateReference([unfolded(small, fold, image)], new Map([['image', values]]));
  expect(Array.from(again!.data)).toEqual(Array.from(values));
});
