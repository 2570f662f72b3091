import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Graph, type Tensor } from '../../../../src/core/graph/index.ts';
import { layerNormLayer } from '../../../../src/core/networks/blocks/layerNorm.ts';
import { patchEmbedding } from '../../../../src/core/networks/blocks/patchEmbedding.ts';
import {
  finalPatchExpansion,
  patchExpansion,
  patchMerging,
} from '../../../../src/core/networks/blocks/patchMerging.ts';
import { gatedScan, vssBlock } from '../../../../src/core/networks/blocks/vssBlock.ts';
import { vectorsRoot } from '../../../helpers/data.ts';
import { runOnnx } from '../../../helpers/graph.ts';
import { type FixtureTensor, readFixtures } from '../../../helpers/safetensors.ts';

/** What VM-UNet's own file computes: github.com/JCruan519/VM-UNet, models/vmunet/vmamba.py. */
const root = vectorsRoot();
const vectors = root && join(root, 'selective-scan/units.safetensors');

/** Largest difference from PyTorch, absolute. */
const TOLERANCE = 1e-5;

type Build = (graph: Graph, x: Tensor) => Tensor;

/** How each case is built below an empty scope, and what its parameters are called there and here. */
const cases: Readonly<Record<string, { readonly build: Build; readonly rename?: (name: string) => string }>> =
  {
    SS2D_d16_N16_e2: { build: gated({}), rename: beside },
    SS2D_d48_N16_e2: { build: gated({}), rename: beside },
    SS2D_d16_N8_e1: { build: gated({ expand: 1, stateSize: 8 }), rename: beside },
    VSSBlock_d32: {
      build: (graph, x) => vssBlock(graph, x),
      rename: (name) => beside(name.replace(/^self_attention\./, '')),
    },
    PatchEmbed2D_p2_LN: {
      build: (graph, x) =>
        layerNormLayer(graph, 'norm', patchEmbedding(graph, 'proj', x, { channels: 16, patch: 2 })),
    },
    PatchMerging2D_d16: {
      build: (graph, x) => patchMerging(graph, 'unit', x, { channels: 32 }),
      rename: (name) => `unit.${name}`,
    },
    PatchExpand2D_d16in32: {
      build: (graph, x) => patchExpansion(graph, 'unit', x, { channels: 16 }),
      rename: (name) => `unit.${name}`,
    },
    Final_PatchExpand2D_d16_s4: {
      build: (graph, x) => finalPatchExpansion(graph, 'unit', x, { channels: 4, patch: 4 }),
      rename: (name) => `unit.${name}`,
    },
  };

function gated(options: Parameters<typeof gatedScan>[2]): Build {
  return (graph, x) => gatedScan(graph, x, options);
}

/** VMamba has the scan's own weights beside the block's others. */
function beside(name: string): string {
  return /^(x_proj|dt_projs|A_logs|Ds)/.test(name) ? `scan.${name}` : name;
}

describe.skipIf(vectors === undefined)(
  `vectors/selective-scan${vectors === undefined ? ' (there are none on this machine: see TANDEM_DATA)' : ''}`,
  () => {
    const fixtures = vectors === undefined ? new Map<string, FixtureTensor>() : readFixtures(vectors);

    it('are those that are tested here', () => {
      expect(new Set([...fixtures.keys()].map((name) => name.split('/')[0]))).toEqual(
        new Set(Object.keys(cases)),
      );
    });

    for (const [name, { build, rename = (path: string) => path }] of Object.entries(cases)) {
      it(name, async () => {
        const graph = new Graph();
        const input = fixtures.get(`${name}/in`)!;
        const y = build(graph, graph.input('x', input.shape));
        const feeds = new Map<string, ArrayLike<number>>([['x', input.data]]);
        const shapes: Record<string, readonly number[]> = {};
        for (const [path, { shape, data }] of fixtures) {
          const [unit, kind, parameter] = path.split('/');
          if (unit !== name || kind !== 'param') continue;
          feeds.set(rename(parameter!), data);
          shapes[rename(parameter!)] = shape;
        }
        expect(Object.fromEntries(graph.parameters.map((p) => [p.path, p.tensor.shape]))).toEqual(shapes);
        const expected = fixtures.get(`${name}/out`)!;
        expect(y.shape).toEqual(expected.shape);
        const found = (await runOnnx({ y }, feeds)).get('y')!;
        const worst = found.reduce(
          (most, value, n) => Math.max(most, Math.abs(value - expected.data[n]!)),
          0,
        );
        expect(worst).toBeLessThan(TOLERANCE);
      });
    }
  },
);
