/** Stands for a driver that dies or hangs at some cases. */
import type { CaseRequest } from './caseRunner.ts';

process.on('message', ({ name }: CaseRequest) => {
  if (name === 'hangs') return;
  if (name === 'aborts') {
    process.stderr.write('lost the device\n');
    process.abort();
  }
  process.send?.({ checks: [{ shapes: name, errors: { forward: 0, onnx: 0 } }] });
});
process.on('disconnect', () => process.exit());
