import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/core/graph/tensor.ts';
import { networkGraph, networks } from '../../../src/core/networks/index.ts';
import { lastStages } from '../../../src/core/networks/lastStages.ts';
import { recipeFor } from '../../../src/main/training/recipes.ts';

/** Each network as its paper has it and as the workstation trains it, at both scales. */
const VARIANTS = Object.keys(networks).flatMap((name) =>
  (['paper', 'workstation'] as const).flatMap((recipe) =>
    ([2, 4] as const).map((scale) => ({ name, recipe, scale, options: recipeFor(name, recipe).options })),
  ),
);

type Kind = { readonly tuned: boolean; readonly frozen: boolean };

/** What a tensor is made of: parameters that are trained, and whether it is nothing but frozen ones. */
function kindsOf(trained: ReadonlySet<string>): (tensor: Tensor) => Kind {
  const known = new Map<Tensor, Kind>();
  const kind = (tensor: Tensor): Kind => {
    const found = known.get(tensor);
    if (found !== undefined) return found;
    const { origin } = tensor;
    let made: Kind = { tuned: false, frozen: false };
    if (origin.kind === 'parameter') {
      made = { tuned: trained.has(origin.path), frozen: !trained.has(origin.path) };
    }
    if (origin.kind === 'node') {
      const inputs = origin.node.inputs.map(kind);
      const ofParameters = inputs.length > 0 && inputs.every((one) => one.frozen);
      made = { tuned: inputs.some((one) => one.tuned), frozen: ofParameters };
    }
    known.set(tensor, made);
    return made;
  };
  return kind;
}

/** Every tensor that an image depends on. */
function tensorsBehind(image: Tensor): ReadonlySet<Tensor> {
  const seen = new Set<Tensor>();
  const visit = (tensor: Tensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    if (tensor.origin.kind === 'node') tensor.origin.node.inputs.forEach(visit);
  };
  visit(image);
  return seen;
}

describe('the last stages', () => {
  it.each(
    VARIANTS,
  )('of $name ($recipe, ×$scale) are some of its parameters, and nothing frozen comes behind them', ({
    name,
    scale,
    options,
  }) => {
    const { enhanced, parameters } = networkGraph(name, options, scale, { batch: 1, rows: 64, columns: 64 });
    const trained = lastStages(name, options, scale);
    const paths = parameters.map(({ path }) => path);
    expect(trained.size).toBeGreaterThan(0);
    expect(trained.size).toBeLessThan(paths.length);
    for (const path of trained) expect(paths).toContain(path);

    const behind = tensorsBehind(enhanced);
    const kind = kindsOf(trained);
    let met = 0;
    for (const { origin } of behind) {
      if (origin.kind === 'parameter' && trained.has(origin.path)) met++;
      if (origin.kind !== 'node') continue;
      const inputs = origin.node.inputs.map(kind);
      // A layer whose own weights are frozen is fed with nothing that was tuned.
      const misplaced = inputs.some((one) => one.tuned) && inputs.some((one) => one.frozen);
      expect(misplaced, `${origin.node.operator} with frozen weights behind tuned ones`).toBe(false);
    }
    // What is tuned makes the image: nothing of it goes to waste.
    expect(met).toBe(trained.size);
  });

  it('are not laid down for a network that is not known', () => {
    expect(() => lastStages('nonsense', {}, 2)).toThrow(/no network called nonsense/);
  });
});
