import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readOnnx } from '../../../src/core/graph/onnx/readOnnx.ts';
import { judgedModel } from '../../helpers/graph.ts';
import { operatorCases } from './cases/index.ts';

/** The Python to ask: TANDEM_PYTHON, else python3; undefined where it has no onnx that knows opset 21. */
const python = [process.env.TANDEM_PYTHON ?? 'python3'].find((command) => {
  const knows = 'import onnx, onnx.reference; assert onnx.defs.onnx_opset_version() >= 21';
  return spawnSync(command, ['-c', knows], { stdio: 'ignore' }).status === 0;
});
const judge = fileURLToPath(new URL('../../tools/onnx_judge.py', import.meta.url));

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

describe.skipIf(python === undefined)(
  'the models of all operators [needs python3 with onnx 1.16 or later]',
  () => {
    it('pass ONNX’s checker, and give the float64 values in its own evaluator', { timeout: 300_000 }, () => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-judge-'));
      try {
        const names: string[] = [];
        for (const device of ['cpu', 'webgpu'] as const) {
          for (const [n, { name, shapes, build, ...options }] of operatorCases.entries()) {
            const { onnx, feeds, expected } = judgedModel(shapes[1]!, build, options, device);
            // The checker knows standard operators only.
            if (readOnnx(onnx).opsets.has('com.microsoft')) continue;
            names.push(`${name} for ${device}`);
            const file = join(folder, `${device}-${String(n).padStart(4, '0')}`);
            writeFileSync(`${file}.onnx`, onnx);
            writeFileSync(`${file}.json`, JSON.stringify({ feeds, expected }));
          }
        }
        const output = execFileSync(python!, [judge, folder], { encoding: 'utf8', maxBuffer: 2 ** 28 });
        const verdicts = output
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Verdict);
        expect(verdicts).toHaveLength(names.length);
        const run = verdicts.filter(({ error }) => error !== undefined);
        const wrong = verdicts.flatMap(({ fault, notRun = '', error = 0 }, n) => {
          const known = notRun === '' || EVALUATOR_LACKS.some((lack) => lack.test(notRun));
          return fault === undefined && known && error < 1e-5
            ? []
            : [{ name: names[n], fault, notRun, error }];
        });
        expect(wrong).toEqual([]);
        expect(run.length).toBeGreaterThan(0.8 * names.length);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
