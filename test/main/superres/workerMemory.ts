/**
 * Run by the test of memory in a process of its own: the real peak of one session that enhances slices, beyond
 * what the process held before it, and what was foretold of it. Arguments: network, options, rows, columns.
 * Prints JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { initialValues } from '../../../src/core/graph/index.ts';
import { inferenceModel, networkGraph } from '../../../src/core/networks/index.ts';
import { preparingMb, workerMb } from '../../../src/main/runtime/memory.ts';
import { type ImageSession, openImageSession } from '../../../src/main/runtime/session.ts';

const SLICES = 2;
const SCALE = 2;

const [network = '', options = '{}', rowsText, columnsText] = process.argv.slice(2);
const parsed: unknown = JSON.parse(options);

async function enhance(rows: number, columns: number): Promise<ImageSession> {
  const { graph, parameters } = networkGraph(network, parsed, SCALE, { batch: 1, rows, columns });
  const images: Record<string, Float32Array> = {};
  for (const { origin, shape } of graph.inputs) {
    if (origin.kind === 'input')
      images[origin.name] = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5);
  }
  const values = initialValues(parameters, 1);
  const weights = new Map(parameters.map(({ path }) => [path, { data: values.get(path)! }]));
  const onnx = inferenceModel({ network, options: parsed, scale: SCALE, weights }, rows, columns);
  globalThis.gc?.();
  writeFileSync('/proc/self/clear_refs', '5'); // Begins the peak anew.
  before = residentMb('VmRSS');
  const session = await openImageSession(onnx, 'cpu');
  for (let n = 0; n < SLICES; n++) await session.run(images);
  return session;
}

let before = 0;
// What the process holds anyway, the engine among it, is there before the count begins.
await (await enhance(32, 32)).release();
const [rows, columns] = [Number(rowsText), Number(columnsText)];
await enhance(rows, columns);
const made = networkGraph(network, parsed, SCALE, { batch: 1, rows, columns });
console.log(
  JSON.stringify({
    peakMb: residentMb('VmHWM') - before,
    // Nothing is prepared here.
    foretoldMb: workerMb(made) - preparingMb(rows, columns),
  }),
);
process.exit(0);

function residentMb(field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
}
