import type { RequestInput } from '../../../../core/contract/operations.ts';
import { type Command, command } from '../command.ts';
import { devices, modelNamed, selector, text } from '../requestParts.ts';

/** What an enhancement would take, before it is begun. */
export const estimateCommands: readonly Command[] = [
  command({
    name: 'estimate',
    operation: 'estimateEnhancing',
    usage: `tandem estimate [STUDY] --target T --model ID [--device auto|${devices}] [--json]`,
    summary: 'Measures on a few slices what enhancing a target would take in time and memory',
    positionals: 1,
    options: { target: text, model: text, device: text },
    request: (args) => ({
      target: selector(args.positionals[0], args.required('target')),
      model: modelNamed(args.required('model')),
      device: args.text('device') as RequestInput<'estimateEnhancing'>['device'],
    }),
    print: (result) =>
      `about ${result.seconds.toFixed(0)} s for ${result.slices} slices of ${result.columns} × ${result.rows} ` +
      `(${result.secondsPerSlice.toFixed(2)} s each), about ${Math.round(result.memoryMb)} MB; ` +
      `${result.device}, ${result.workers} worker(s): ${result.deviceReason}`,
  }),
];
