import { afterAll, expect, it } from 'vitest';
import { CaseRunner } from './caseRunner.ts';

const runner = new CaseRunner(process.env, {
  entry: new URL('./dyingProcess.ts', import.meta.url),
  timeoutMs: 3000,
});
afterAll(() => runner.close());

it('names the case at which a process died or hung, and runs the others', async () => {
  const replies = [];
  for (const name of ['one', 'aborts', 'two', 'hangs', 'three']) replies.push(await runner.run(name));
  const good = { checks: [expect.anything()] };
  expect(replies).toEqual([
    good,
    { error: expect.stringMatching(/“aborts” ended \((SIGABRT|exit code \d+)\).*lost the device/) },
    good,
    { error: expect.stringMatching(/“hangs” ended \(killed: no answer in time\)/) },
    good,
  ]);
});
