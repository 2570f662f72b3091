import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { isProcessAlive } from '../../src/main/processAlive.ts';

it('tells a process that runs from one that has ended', async () => {
  expect(isProcessAlive(process.pid)).toBe(true);
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(isProcessAlive(child.pid!)).toBe(false);
});

it('counts a process of somebody else as alive', () => {
  const denied = Object.assign(new Error('not permitted'), { code: 'EPERM' });
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw denied;
  });
  expect(isProcessAlive(1)).toBe(true);
  kill.mockRestore();
});
