/** Entry of the process that runs operator cases on WebGPU, one at a time, as its parent asks (see caseRunner.ts). */
import { operatorCases } from '../core/graph/cases/index.ts';
import { checkOnDevice } from '../helpers/graph.ts';
import type { CaseReply, CaseRequest } from './caseRunner.ts';

async function run({ name }: CaseRequest): Promise<CaseReply> {
  const operatorCase = operatorCases.find((one) => one.name === name);
  if (operatorCase === undefined) return { error: `There is no case “${name}”` };
  try {
    const checks = [];
    for (const shapes of operatorCase.shapes) {
      const errors = await checkOnDevice(shapes, operatorCase.build, operatorCase, 'webgpu');
      checks.push({ shapes: JSON.stringify(shapes), errors });
    }
    return { checks };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', async (request: CaseRequest) => process.send?.(await run(request)));
// Killed, not ended: an orderly end may abort in the driver, and there is nothing left to do.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
