/**
 * Run by the test of training on WebGPU in a process of its own: the same twenty steps on both devices. Prints
 * the losses, the worst difference of the state at the end (in units of each tensor's largest value), and where
 * the state lay after each step.
 */
import { initialValues, STEP_LOSS } from '../../../src/core/graph/index.ts';
import { createRandom } from '../../../src/core/random.ts';
import { openSession, sessionOptions } from '../../../src/main/runtime/session.ts';
import { initialState } from '../../../src/main/training/state.ts';
import { StepSession } from '../../../src/main/training/stepSession.ts';
import { smallStep } from './stepNetworks.ts';

const STEPS = 20;

async function train(device: 'cpu' | 'webgpu') {
  const { step, data } = smallStep(device);
  const random = createRandom(3);
  for (const { data: values } of data.values())
    for (let n = 0; n < values.length; n++) values[n] = random.uniform();
  const start = initialState(step.state, initialValues(step.parameters, 1));
  const session = await StepSession.open(step, data, start, 0);
  const losses: number[] = [];
  const locations: string[] = [];
  for (let n = 0; n < STEPS; n++) {
    losses.push((await session.run(5e-3)).get(STEP_LOSS)!);
    locations.push([...session.locations].join(' '));
  }
  // Read twice, with a step between: reading must not disturb.
  const state = await session.state();
  await session.run(5e-3);
  await session.state();
  await session.release();
  return { losses, locations, state };
}

const cpu = await train('cpu');
const webgpu = await train('webgpu');
let worst = 0;
for (const [name, { data }] of cpu.state) {
  const other = webgpu.state.get(name)!.data;
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  data.forEach((value, n) => {
    worst = Math.max(worst, Math.abs(value - other[n]!) / (largest || 1));
  });
}
// A model that the device cannot run whole is refused where the CPU may not help.
const { step } = smallStep('webgpu');
const whole = await openSession(step.onnx, sessionOptions('webgpu', false)).then(
  () => true,
  () => false,
);
const { losses, locations } = webgpu;
console.log(JSON.stringify({ cpu: cpu.losses, webgpu: losses, locations, worst, whole }));
process.exit(0);
