import { initialValues } from '../../src/core/graph/parameters.ts';
import type { NamedTensor } from '../../src/core/graph/safetensors.ts';
import { networkGraph } from '../../src/core/networks/index.ts';
import { INTENDED_USE, type ModelCard } from '../../src/main/models/card.ts';
import { writeModelPackage } from '../../src/main/models/writeModelPackage.ts';

export interface TestModel {
  readonly network: 'srcnn' | 'srcnn-guided';
  readonly options: Record<string, unknown>;
  readonly scale: 2 | 4;
  readonly weights: ReadonlyMap<string, NamedTensor>;
}

/**
 * A small network with untrained weights. Its last layer is zero, so that it adds nothing to zero-filling,
 * unless a `correction` is asked for.
 */
export function testModel(
  network: TestModel['network'],
  scale: 2 | 4,
  options: { readonly correction?: boolean; readonly features?: readonly [number, number] } = {},
): TestModel {
  const networkOptions = { features: [...(options.features ?? [8, 4])] };
  const size = { batch: 1, rows: 32, columns: 32 };
  const { parameters } = networkGraph(network, networkOptions, scale, size);
  const values = initialValues(parameters, 1);
  const weights = new Map(
    parameters.map(({ path, tensor }) => {
      const last = path.startsWith('reconstruction') && options.correction;
      const data = last ? values.get(path)!.map((_, at) => 0.05 * Math.sin(at + 1)) : values.get(path)!;
      return [path, { shape: tensor.shape, data }];
    }),
  );
  return { network, options: networkOptions, scale, weights };
}

/** Writes the model as a package into `folder`. */
export function writeTestPackage(
  folder: string,
  id: string,
  model: TestModel,
  envelope: Partial<NonNullable<ModelCard['envelope']>> = {},
): Promise<ModelCard> {
  const guided = model.network === 'srcnn-guided';
  return writeModelPackage(
    folder,
    {
      format: 'tandem-model',
      formatVersion: 1,
      id,
      version: '0.0.1',
      network: model.network,
      options: model.options,
      scale: model.scale,
      contrasts: { target: 't2', reference: guided ? 't1' : null },
      envelope: {
        target: ['t2'],
        reference: guided ? ['t1'] : [],
        spacingMm: [0.05, 5],
        matrix: [16, 2048],
        sliceThicknessMm: [0.1, 30],
        ...envelope,
      },
      training: {
        cases: [],
        degradation: 'none',
        loss: 'none',
        optimizer: 'none',
        schedule: 'none',
        augmentation: {},
        steps: 1,
        batch: 1,
        patch: 32,
        learningRate: 1e-3,
        seed: 1,
        firstLoss: 0,
        lastLoss: 0,
        seconds: 0,
        software: 'test',
      },
      measured: [],
      intendedUse: INTENDED_USE,
      licence: { weights: 'none', notices: [] },
    },
    model.weights,
  );
}

/** Any network with starting weights; what starts at zero is drawn small, so that nothing of it is left out. */
export function drawnModel(network: string, options: Record<string, unknown>, scale: 2 | 4) {
  const { parameters } = networkGraph(network, options, scale, { batch: 1, rows: 32, columns: 32 });
  const values = initialValues(parameters, 3);
  const weights = new Map<string, NamedTensor>(
    parameters.map(({ path, tensor }) => {
      const data = values.get(path)!;
      const still = data.every((value) => value === 0);
      return [
        path,
        { shape: tensor.shape, data: still ? data.map((_, at) => 0.02 * Math.sin(at + 1)) : data },
      ];
    }),
  );
  return { network, options, scale, weights };
}
