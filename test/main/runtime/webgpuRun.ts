/**
 * Run by the test of WebGPU in a process of its own: a small stack enhanced on both devices. Prints the worst
 * difference, in units of the target's scale.
 */
import { QUIET_JOB } from '../../../src/core/job.ts';
import { IDENTITY_AFFINE } from '../../../src/core/volume/affine.ts';
import { scaleOf } from '../../../src/core/volume/intensity.ts';
import { enhanceStack } from '../../../src/main/superres/enhanceStack.ts';
import { testModel } from '../../helpers/modelPackage.ts';
import { makeReference, makeStack, noise } from '../superres/stacks.ts';

const target = makeStack(noise(1), { slices: 3 });
const reference = { volume: makeReference(noise(2)), transform: IDENTITY_AFFINE };
const model = testModel('srcnn-guided', 2, { correction: true });
const cpu = await enhanceStack({ target, reference, model, device: 'cpu' }, QUIET_JOB);
const webgpu = await enhanceStack({ target, reference, model, device: 'webgpu' }, QUIET_JOB);
let worst = 0;
for (const [n, { pixels }] of cpu.stack.slices.entries()) {
  const other = webgpu.stack.slices[n]!.pixels;
  for (const [at, value] of pixels.entries()) worst = Math.max(worst, Math.abs(value - other[at]!));
}
const result = {
  device: webgpu.device.kind,
  fallBacks: webgpu.fallBacks,
  slices: webgpu.stack.slices.length,
  worst: worst / scaleOf(target),
};
console.log(JSON.stringify(result));
process.exit(0);
