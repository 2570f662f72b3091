import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Access, fingerprint } from '../../../src/main/shell/access.ts';
import { keepWindow, readKnownWindows } from '../../../src/main/shell/knownWindows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-windows-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOUR_MS = 60 * 60 * 1000;

describe('windows that a next start lets in again', () => {
  it('are none before there was one, and where the file is broken', async () => {
    const nothing = { port: undefined, sessions: [] };
    expect(await readKnownWindows(join(folder, 'absent'))).toEqual(nothing);
    writeFileSync(join(folder, 'windows.json'), '{"port":80');
    expect(await readKnownWindows(folder)).toEqual(nothing);
    writeFileSync(join(folder, 'windows.json'), '{"port":"80","sessions":[]}');
    expect(await readKnownWindows(folder)).toEqual(nothing);
  });

  it('are known by a fingerprint only, for twelve hours after they were last let in, the latest port beside them', async () => {
    const home = join(folder, 'home');
    const key = new Access().token;
    await keepWindow(home, { port: 4000, sha256: fingerprint('another') }, HOUR_MS);
    await keepWindow(home, { port: 4001, sha256: fingerprint(key) }, 2 * HOUR_MS);
    const path = join(home, 'windows.json');
    expect(readFileSync(path, 'utf8')).not.toContain(key);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const soon = await readKnownWindows(home, 3 * HOUR_MS);
    expect(soon).toEqual({ port: 4001, sessions: [fingerprint('another'), fingerprint(key)] });
    expect(new Access(soon.sessions).enter(key)).toBe(key);
    expect(new Access(soon.sessions).enter(fingerprint(key))).toBeUndefined();
    expect(new Access().enter(key)).toBeUndefined();
    expect((await readKnownWindows(home, 13.5 * HOUR_MS)).sessions).toEqual([fingerprint(key)]);
    expect((await readKnownWindows(home, 15 * HOUR_MS)).sessions).toEqual([]);
  });

  it('are no more than a few, each once', async () => {
    const home = join(folder, 'many');
    for (let n = 0; n < 40; n++)
      await keepWindow(home, { port: 4000, sha256: fingerprint(String(n % 20)) }, n);
    const { sessions } = await readKnownWindows(home, 40);
    expect(sessions).toHaveLength(16);
    expect(new Set(sessions).size).toBe(16);
    expect(sessions.at(-1)).toBe(fingerprint('19'));
  });
});
