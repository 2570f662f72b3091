import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RegistrationResult } from '../../../src/main/registration/types.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';
import { cachedRegistration } from '../../../src/main/superres/registrationCache.ts';

it('registers a pair once while its files and the settings stay the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-pair-'));
  const entry = (name: string): SeriesEntry =>
    ({ summary: { uid: name }, files: [join(folder, name)] }) as unknown as SeriesEntry;
  await writeFile(join(folder, 't2'), 'a');
  await writeFile(join(folder, 't1'), 'b');
  let made = 0;
  const register = async () => ({ made: ++made }) as unknown as RegistrationResult;
  const ask = (settings: string) => cachedRegistration(entry('t2'), entry('t1'), settings, register);
  const first = await ask('rigid');
  expect(await ask('rigid')).toBe(first);
  await ask('none');
  expect(made).toBe(2);
  await writeFile(join(folder, 't1'), 'changed');
  await ask('rigid');
  expect(made).toBe(3);
  const failing = () => Promise.reject(new Error('no'));
  await expect(cachedRegistration(entry('t1'), entry('t2'), 'rigid', failing)).rejects.toThrow('no');
  await rm(folder, { recursive: true });
});
