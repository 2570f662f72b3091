/** Before every test file: what it keeps is kept in a folder of its own, never in the user's. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

if (process.env.TANDEM_HOME === undefined) {
  const folder = join(tmpdir(), `tandem-test-data-${process.pid}-${Date.now()}`);
  process.env.TANDEM_HOME = folder;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
}
