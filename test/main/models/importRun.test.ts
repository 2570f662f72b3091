import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2d, evaluateReference, Graph, mul, toOnnx } from '../../../src/core/graph/index.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { networkGraph } from '../../../src/core/networks/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { importOperation } from '../../../src/main/models/importOperation.ts';
import { loadModelPackage } from '../../../src/main/models/loadModelPackage.ts';
import { runOperation } from '../../../src/main/models/runOperation.ts';
import { external, foreignModel } from '../../core/graph/hostile/models.ts';
import { relativeError } from '../../helpers/graph.ts';

const OPTIONS = { features: [4, 3], kernels: [5, 3, 3] };
const job = { progress: () => {}, signal: new AbortController().signal };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-import-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function drawn(shape: readonly number[], seed: number): NamedTensor {
  const random = createRandom(seed);
  return {
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.3 * random.normal()),
  };
}

/** Weights of a small guided network, with what is changed. */
function weightsOf(change: (weights: Map<string, NamedTensor>) => void = () => {}) {
  const { parameters } = networkGraph('srcnn-guided', OPTIONS, 2, { batch: 1, rows: 8, columns: 8 });
  const weights = new Map(parameters.map(({ path, tensor }, n) => [path, drawn(tensor.shape, n)]));
  change(weights);
  return weights;
}

async function importing(name: string, weights: ReadonlyMap<string, NamedTensor>, more: object = {}) {
  const file = join(folder, `${name}.safetensors`);
  await writeFile(file, writeSafetensors(weights));
  return importingFile(name, file, more);
}

async function importingFile(name: string, file: string, more: object = {}) {
  return importOperation(
    {
      network: 'srcnn-guided',
      options: { scale: 2, ...OPTIONS },
      weights: file,
      out: join(folder, name),
      version: '1.0.0',
      target: 't2',
      reference: 't1',
      licence: 'mine',
      notices: [],
      ...more,
    },
    job,
  );
}

describe('models import', () => {
  it('makes a package whose origin its card tells, and nothing of a training', async () => {
    const weights = weightsOf();
    const { model, path, parameters } = await importing('brought', weights);
    expect([model, parameters]).toEqual(['brought', 2 * 4 * 25 + 4 + 4 * 3 * 9 + 3 + 3 * 9 + 1]);
    const loaded = await loadModelPackage(path);
    expect(loaded.card.training).toBeNull();
    expect(loaded.card.envelope).toBeNull();
    expect(loaded.card.imported?.file).toBe('brought.safetensors');
    expect(loaded.card.options).toEqual(OPTIONS);
    for (const [name, { data }] of weights) expect(loaded.weights.get(name)!.data).toEqual(data);
    expect(await readFile(join(path, 'card.md'), 'utf8')).toMatch(/imported from brought\.safetensors/);
  });

  it('lists by name everything that does not fit, and writes nothing', async () => {
    const weights = weightsOf((map) => {
      map.delete('mapping.bias');
      map.set('patches.weight', drawn([4, 1, 5, 5], 1));
      map.set('patches.extra', drawn([1], 1));
      map.set('reconstruction.bias', { shape: [1], data: Float32Array.of(Number.NaN) });
    });
    const failing = importing('broken', weights);
    await expect(failing).rejects.toMatchObject({ code: 'bad-model' });
    await expect(failing).rejects.toThrow(/missing: mapping\.bias \[3\]/);
    await expect(failing).rejects.toThrow(/patches\.weight is \[4, 1, 5, 5\], not \[4, 2, 5, 5\]/);
    await expect(failing).rejects.toThrow(/not finite: reconstruction\.bias/);
    await expect(failing).rejects.toThrow(/extra: patches\.extra/);
    await expect(loadModelPackage(join(folder, 'broken'))).rejects.toMatchObject({ code: 'model-not-found' });
  });

  it('lets the counters be that PyTorch keeps beside running statistics', async () => {
    const file = join(folder, 'counted.safetensors');
    const bytes = Buffer.from(
      writeSafetensors(weightsOf((map) => map.set('n.num_batches_tracked', drawn([2], 1)))),
    );
    // As PyTorch has them: one whole number of 64 bits.
    const text = bytes
      .toString('latin1')
      .replace(/("n\.num_batches_tracked":\{"dtype":"F32","shape":\[)2(\])/, (entry) =>
        entry.replace('F32', 'I64').replace('[2]', '[1]'),
      );
    await writeFile(file, Buffer.from(text, 'latin1'));
    await expect(importingFile('counted', file)).resolves.toMatchObject({ model: 'counted' });
  });

  it('refuses a scale that is not said, not possible or said twice differently, and wrong options', async () => {
    const weights = weightsOf();
    await expect(importing('a', weights, { options: OPTIONS })).rejects.toThrow(
      /scale .* is 2 or 4, not left out/,
    );
    await expect(importing('a', weights, { options: { scale: 3, ...OPTIONS } })).rejects.toThrow(/not 3/);
    await expect(importing('a', weights, { scale: 4 })).rejects.toThrow(/4 in one place and 2/);
    await expect(importing('a', weights, { options: { scale: 2, depth: 3 } })).rejects.toThrow(
      /Options of srcnn-guided/,
    );
    await expect(importing('a', weights, { network: 'nothing' })).rejects.toThrow(
      /no network called nothing/,
    );
    await expect(importing('a', weights, { weights: join(folder, 'none') })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('writes into no folder that holds a package', async () => {
    await importing('twice', weightsOf());
    await expect(importing('twice', weightsOf())).rejects.toMatchObject({ code: 'output-exists' });
  });
});

describe('models import of an ONNX model', () => {
  /** The exported network, whatever the file is called. */
  async function exported(name: string, options: object = OPTIONS, weights = weightsOf()): Promise<string> {
    const { enhanced } = networkGraph('srcnn-guided', options, 2, { batch: 1, rows: 8, columns: 8 });
    const parameters = new Map([...weights].map(([path, { data }]) => [path, data]));
    const file = join(folder, `${name}.weights`);
    await writeFile(file, toOnnx({ name, outputs: { enhanced }, parameters }));
    return file;
  }

  it('takes the initialisers by their names', async () => {
    const weights = weightsOf();
    const { path } = await importingFile('from-onnx', await exported('from-onnx', OPTIONS, weights));
    const loaded = await loadModelPackage(path);
    expect(loaded.card.imported?.file).toBe('from-onnx.weights');
    for (const [name, { data }] of weights) expect(loaded.weights.get(name)!.data).toEqual(data);
  });

  it('lists what is missing, misshapen or too many, and lets the constants of the computation be', async () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 2, 8, 8]);
    const parameter = (path: string, shape: readonly number[]) =>
      graph.parameter(path, shape, { kind: 'constant', value: 0 });
    const scaled = mul(x, graph.constant([0.1, 0.2], [2, 1, 1]));
    const weight = parameter('patches.weight', [4, 2, 3, 3]);
    const y = conv2d(scaled, weight, { bias: parameter('fourth.bias', [4]), padding: 1 });
    const file = join(folder, 'other.onnx');
    const values = new Map(graph.parameters.map(({ path, tensor }) => [path, drawn(tensor.shape, 1).data]));
    await writeFile(file, toOnnx({ name: 'other', outputs: { y }, parameters: values }));
    const failing = importingFile('other', file);
    await expect(failing).rejects.toMatchObject({ code: 'bad-model' });
    await expect(failing).rejects.toThrow(
      /missing: patches\.bias \[4\], mapping\.weight \[3, 4, 3, 3\], .*misshapen: patches\.weight is \[4, 2, 3, 3\], not \[4, 2, 5, 5\]; extra: fourth\.bias$/,
    );
  });

  it('refuses what is cut short, what is neither, and values in another file', async () => {
    const bytes = await readFile(await exported('cut'));
    for (const [name, content] of [
      ['cut', bytes.subarray(0, bytes.length - 40)],
      ['neither', Buffer.from('these are no weights at all')],
      ['elsewhere', foreignModel(({ graph }) => graph!.initializer.push(external('patches.weight')))],
    ] as const) {
      const file = join(folder, `${name}.onnx`);
      await writeFile(file, content);
      await expect(importingFile(name, file)).rejects.toMatchObject({ code: 'bad-model', path: file });
    }
  });
});

describe('models run', () => {
  const shape = [2, 1, 9, 12];

  it('gives what the reference implementation computes, reading nothing but inputs', async () => {
    const weights = weightsOf();
    const { path } = await importing('run', weights);
    const inputs = new Map([
      ['input_zero_filled', drawn(shape, 7)],
      ['input_ref', drawn(shape, 8)],
      ['output_sr', drawn([3], 9)],
    ]);
    const io = join(folder, 'io.safetensors');
    await writeFile(io, writeSafetensors(inputs));
    const out = join(folder, 'out.safetensors');
    const request = { model: path, inputs: io, out, device: 'cpu', intermediates: false } as const;
    const result = await runOperation(request, job);
    expect(result.outputs).toEqual([{ name: 'output_sr', shape }]);
    const read = readSafetensors(await readFile(out)).tensors.get('output_sr')!;

    const { enhanced } = networkGraph('srcnn-guided', OPTIONS, 2, { batch: 2, rows: 9, columns: 12 });
    const feeds = new Map([...weights].map(([name, { data }]) => [name, data]));
    feeds.set('zero_filled', inputs.get('input_zero_filled')!.data);
    feeds.set('reference', inputs.get('input_ref')!.data);
    expect(relativeError(read.data, evaluateReference([enhanced], feeds)[0]!.data)).toBeLessThan(1e-6);
    await expect(runOperation(request, job)).rejects.toMatchObject({ code: 'output-exists' });
  });

  it('names what is missing or of another size', async () => {
    const { path } = await importing('run2', weightsOf());
    const run = async (tensors: [string, NamedTensor][]) => {
      const io = join(folder, 'bad.safetensors');
      await writeFile(io, writeSafetensors(new Map(tensors)));
      return runOperation(
        { model: path, inputs: io, out: join(folder, 'never'), device: 'cpu', intermediates: false },
        job,
      );
    };
    await expect(run([])).rejects.toThrow(/no tensor input_zero_filled/);
    await expect(run([['input_zero_filled', drawn(shape, 1)]])).rejects.toThrow(/no tensor input_ref/);
    await expect(
      run([
        ['input_zero_filled', drawn(shape, 1)],
        ['input_ref', drawn([2, 1, 9, 10], 1)],
      ]),
    ).rejects.toThrow(/input_ref has the shape \[2, 1, 9, 10\]/);
    await expect(run([['input_zero_filled', drawn([9, 12], 1)]])).rejects.toThrow(/not \[N, 1, H, W\]/);
  });
});
