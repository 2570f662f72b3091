import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readOnnx } from '../../../src/core/graph/onnx/readOnnx.ts';
import { readSafetensors, writeSafetensors } from '../../../src/core/graph/safetensors.ts';
import { judgedModel, relativeError } from '../../helpers/graph.ts';
import { pythonThatCan } from '../../tools/python.ts';
import { operatorCases } from './cases/index.ts';

const onnxPython = pythonThatCan('import onnx, onnx.reference; assert onnx.defs.onnx_opset_version() >= 21');
const torchPython = pythonThatCan('import torch, numpy');
const tool = (name: string) => fileURLToPath(new URL(`../../tools/${name}`, import.meta.url));
const TOLERANCE = 1e-5;

/** What ONNX's reference evaluator cannot do that the specification has, as it says it. */
const EVALUATOR_LACKS = [
  // Pad with negative pads, which crop.
  /index can't contain negative values/,
  // Scan that runs backwards.
  /Scan is not implemented for other output input_direction/,
  // Convolutions in groups, in some shapes.
  /cannot reshape array of size/,
];

interface Verdict {
  readonly name: string;
  readonly fault?: string;
  readonly notRun?: string;
  readonly error?: number;
}

type Judged = ReturnType<typeof judgedModel> & { readonly name: string; readonly file: string };

/** The model of every case for both kinds of device, to be written as `file` without extension. */
function judgedModels(folder: string): Judged[] {
  return (['cpu', 'webgpu'] as const).flatMap((device) =>
    operatorCases.map(({ name, shapes, build, ...options }, n) => ({
      ...judgedModel(shapes[1]!, build, options, device),
      name: `${name} for ${device}`,
      file: join(folder, `${device}-${String(n).padStart(4, '0')}`),
    })),
  );
}

function inFolder(judge: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-judge-'));
  try {
    judge(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const timeout = 300_000;

describe.skipIf(onnxPython === undefined)(
  'the models of all operators [needs python3 with onnx 1.16]',
  () => {
    it('pass ONNX’s checker, and give the float64 values in its own evaluator', { timeout }, () => {
      inFolder((folder) => {
        // The checker knows standard operators only.
        const models = judgedModels(folder).filter(({ onnx }) => !readOnnx(onnx).opsets.has('com.microsoft'));
        for (const { file, onnx, feeds, expected } of models) {
          writeFileSync(`${file}.onnx`, onnx);
          writeFileSync(`${file}.json`, JSON.stringify({ feeds, expected }));
        }
        const output = execFileSync(onnxPython!, [tool('onnx_judge.py'), folder], {
          encoding: 'utf8',
          maxBuffer: 2 ** 28,
        });
        const verdicts = output
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Verdict);
        expect(verdicts).toHaveLength(models.length);
        const wrong = verdicts.flatMap(({ fault, notRun = '', error = 0 }, n) => {
          const known = notRun === '' || EVALUATOR_LACKS.some((lack) => lack.test(notRun));
          const good = fault === undefined && known && error < TOLERANCE;
          return good ? [] : [{ name: models[n]!.name, fault, notRun, error }];
        });
        expect(wrong).toEqual([]);
        expect(verdicts.filter(({ error }) => error !== undefined).length).toBeGreaterThan(
          0.8 * models.length,
        );
      });
    });
  },
);

describe.skipIf(torchPython === undefined)('the models of all operators [needs python3 with torch]', () => {
  it('give the float64 values on PyTorch', { timeout }, () => {
    inFolder((folder) => {
      const models = judgedModels(folder);
      for (const { file, onnx, feeds } of models) {
        const inputs = Object.entries(feeds).map(([name, { shape, data }]) => {
          return [name, { shape, data: Float32Array.from(data) }] as const;
        });
        writeFileSync(`${file}.onnx`, onnx);
        writeFileSync(`${file}.inputs.safetensors`, writeSafetensors(new Map(inputs)));
      }
      const output = execFileSync(torchPython!, [tool('torch_runner.py'), folder], { encoding: 'utf8' });
      if (output !== '') console.warn(`not run, the runner lacks the operator: ${output}`);
      const run = models.filter(({ file }) => existsSync(`${file}.outputs.safetensors`));
      expect(run.length).toBeGreaterThan(0.9 * models.length);
      for (const { name, file, expected } of run) {
        const { tensors } = readSafetensors(readFileSync(`${file}.outputs.safetensors`));
        expect([...tensors.keys()], name).toEqual(Object.keys(expected).sort());
        for (const [output, { shape, data }] of Object.entries(expected)) {
          const found = tensors.get(output)!;
          expect(found.shape, `${name}: ${output}`).toEqual(shape);
          expect(relativeError(found.data, data), `${name}: ${output}`).toBeLessThan(TOLERANCE);
        }
      }
    });
  });
});
